// Several values at one name, and scripts that treat them their own way.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startBind } from '../rig/bind.ts';
import { temporaryFolder } from '../rig/folder.ts';
import {
  delegated,
  type NameSpace,
  nameServers,
  type StartedRun,
  startNameSpace,
} from '../rig/name-space.ts';
import { script } from '../rig/scripts.ts';
import { skipUnless } from '../rig/tools.ts';
import type { NameServer } from '../rig/zone.ts';

const primaryAddress = '127.0.54.1';
const secondaryAddress = '127.0.54.2';
const skip = skipUnless('go', 'named', 'rndc', 'named-checkconf', 'nsupdate', 'port 53');
const zones = ['adding.test', 'overwriting.test', 'quoting.test', 'first.test', 'second.test'];

const adding = script('nsupdate.sh');
/** Its values live for so long that the CA's resolver still remembers the first when the second is set. */
const overwriting = `#!/bin/sh
[ "$1" = present ] || exec '${adding}' "$@"
nsupdate <<END
server $DNS_SERVER
update delete $2 TXT
update add $2 3 TXT "$3"
send
END
`;
const quoting = `#!/bin/sh
exec '${adding}' "$1" "$2" "\\\\\\"$3\\\\\\""
`;

function program(name: string, text: string): string {
  const file = path.join(temporaryFolder('script'), name);
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

describe('The values of a record', { skip }, () => {
  let space: NameSpace;
  let primary: NameServer;
  let secondary: NameServer;
  let started: StartedRun | undefined;
  /** The script's calls and the challenges that the CA was told to validate, in order. */
  let events: string[] = [];

  before(async () => {
    const records = nameServers(primaryAddress, secondaryAddress);
    const many = Array.from({ length: 99 }, (_, index) => `_acme-challenge TXT "${index}-${'x'.repeat(40)}"`);
    primary = await startBind({
      address: primaryAddress,
      zones: [
        ...zones.map((name) => ({ name, records, notify: [secondaryAddress] })),
        { name: 'many.test', records: [...records, ...many], notify: [secondaryAddress] },
      ],
    });
    secondary = await startBind({
      address: secondaryAddress,
      zones: [...zones, 'many.test'].map((name) => ({
        name,
        type: 'secondary',
        primaries: [primaryAddress],
      })),
    });
    space = await startNameSpace({
      root: '127.0.54.253',
      zones: [...zones, 'many.test'].map((name) => delegated(name, primaryAddress, secondaryAddress)),
      onRequest: (kind) => {
        if (kind === 'challenge') {
          noteCalls();
          events.push('challenge');
        }
      },
    });
  });
  after(() => Promise.all([space, primary, secondary].map((one) => one?.stop())));

  const noteCalls = () => {
    const noted = events.filter((event) => event !== 'challenge').length;
    const calls = started?.calls().slice(noted) ?? [];
    events.push(...calls.map(({ command, name }) => `${command} ${name}`));
  };
  const run = async (inputs: Readonly<Record<string, string>>, program = adding) => {
    events = [];
    started = space.start({ primary: primaryAddress, program, inputs });
    const result = await started.result;
    noteCalls();
    return result;
  };

  test('stand side by side for an apex and its wildcard', async () => {
    const { exitCode, stdout } = await run({ domains: 'adding.test *.adding.test' });
    assert.equal(exitCode, 0, stdout);
    const name = '_acme-challenge.adding.test.';
    assert.deepEqual(events, [
      ...[`present ${name}`, `present ${name}`],
      ...['challenge', 'challenge'],
      ...[`cleanup ${name}`, `cleanup ${name}`],
    ]);
  });

  test('are served one after the other when the script overwrites them', async () => {
    const { exitCode, annotations, stdout } = await run(
      { domains: 'overwriting.test *.overwriting.test' },
      program('overwriting.sh', overwriting),
    );
    assert.equal(exitCode, 0, stdout);
    const name = '_acme-challenge.overwriting.test.';
    assert.deepEqual(events, [
      ...[`present ${name}`, `present ${name}`, 'challenge', `cleanup ${name}`],
      ...[`present ${name}`, 'challenge', `cleanup ${name}`],
    ]);
    assert.deepEqual(
      annotations.filter(({ level }) => level === 'notice').map(({ title }) => title),
      ['The script overwrites the values of a record'],
    );
  });

  test('are all removed from the servers after the run', async () => {
    await run({ domains: 'adding.test *.adding.test' });
    assert.deepEqual(await primary.txt('_acme-challenge.adding.test'), []);
  });

  test("are set, validated and removed name by name, lego's way, with exec-sequence-interval", async () => {
    const { exitCode, stdout } = await run({
      domains: 'first.test second.test *.second.test',
      // Longer than the TTL: the CA's resolver must forget the first value of a name before it is asked for the second.
      'exec-sequence-interval': '1.1',
    });
    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(
      events,
      ['first', 'second', 'second'].flatMap((zone) => [
        `present _acme-challenge.${zone}.test.`,
        'challenge',
        `cleanup _acme-challenge.${zone}.test.`,
      ]),
    );
  });

  test('are found among a hundred, in an answer that needs TCP', async () => {
    const { exitCode, stdout } = await run({ domains: 'many.test' });
    assert.equal(exitCode, 0, stdout);
    assert.equal((await primary.txt('_acme-challenge.many.test')).length, 99);
  });

  test('that stand in quotation marks of the script are explained', async () => {
    const { exitCode, annotations, stdout } = await run(
      { domains: 'quoting.test', 'exec-propagation-timeout': '1' },
      program('quoting.sh', quoting),
    );
    assert.equal(exitCode, 1, stdout);
    const error = annotations.find(({ level }) => level === 'error');
    assert.match(error?.message ?? '', /→ The value stands there with quotation marks around it/);
  });
});
