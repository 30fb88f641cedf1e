import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';

describe('The challenge dns-persist-01', () => {
  let ca: InstantAuthority;
  let account: { key: string; url: string };

  before(async () => {
    ca = await startInstantAuthority();
    const { outputs } = await ca.run({ domains: 'first.example' });
    account = { key: readFileSync(outputs['account-key'] ?? '', 'utf8'), url: outputs['account-url'] ?? '' };
  });
  after(() => ca.stop());

  const inputs = (domains: string): Record<string, string> => ({
    domains,
    challenge: 'dns-persist-01',
    'account-key': account.key,
  });
  const wildcardRecord = (): string => `pebble.letsencrypt.org; accounturi=${account.url}; policy=wildcard`;

  test('has the script set one record for a name and its wildcard, and leaves it there', async () => {
    const result = await ca.run(inputs('stand.example *.stand.example'));
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    assert.deepEqual(await ca.dns.txt('_validation-persist.stand.example'), [wildcardRecord()]);
  });

  test('needs no script once the record stands', async () => {
    await ca.dns.setTxt('_validation-persist.made.example', wildcardRecord());
    const result = await ca.run({ ...inputs('made.example *.made.example'), 'exec-path': '' });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
  });

  test('gives the exact record to make by hand when there is no script', async () => {
    const result = await ca.run({ ...inputs('hand.example'), 'exec-path': '' });
    assert.equal(result.exitCode, 1);
    const line = `_validation-persist.hand.example. IN TXT "pebble.letsencrypt.org; accounturi=${account.url}"`;
    assert.ok(result.annotations.at(-1)?.message.includes(line), result.stdout);
  });

  test('has a record that is about to end set anew', async () => {
    const tomorrow = Math.floor(Date.now() / 1000) + 86_400;
    const ending = `pebble.letsencrypt.org; accounturi=${account.url}; persistUntil=${tomorrow}`;
    await ca.dns.setTxt('_validation-persist.ending.example', ending);
    const result = await ca.run(inputs('ending.example'));
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    const values = await ca.dns.txt('_validation-persist.ending.example');
    assert.ok(values.includes(`pebble.letsencrypt.org; accounturi=${account.url}`));
  });

  test('takes no record of another account for its own', async () => {
    const foreign = 'pebble.letsencrypt.org; accounturi=https://ca.example/account/1';
    await ca.dns.setTxt('_validation-persist.foreign.example', foreign);
    const result = await ca.run({ ...inputs('foreign.example'), 'exec-path': '' });
    assert.equal(result.annotations.at(-1)?.title, 'Standing records are missing');
  });

  test('is refused without an account that stays, before anything is sent', async () => {
    const requests = ca.proxy.count();
    const result = await ca.run({ domains: 'x.example', challenge: 'dns-persist-01' });
    assert.match(result.annotations[0]?.message ?? '', /needs an account that stays/);
    assert.equal(ca.proxy.count(), requests);
  });
});
