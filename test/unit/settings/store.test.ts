import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readStoreSettings, type StoreSettings } from '../../../src/settings/store.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const workspace = path.resolve('/workspace');
const settings = (inputs: Record<string, string>): StoreSettings | undefined =>
  accepted((problems) => readStoreSettings((name) => inputs[name] ?? '', workspace, problems));
const faults = (inputs: Record<string, string>): string[] =>
  problemsOf((problems) => readStoreSettings((name) => inputs[name] ?? '', workspace, problems));

const identity = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;
const recipient = `age1${'q'.repeat(58)}`;
const passphrase = 'correct horse battery';

describe('the store', () => {
  it('is none when nothing is given', () => {
    assert.equal(settings({}), undefined);
  });

  it('is a folder of the workspace, opened by a passphrase', () => {
    assert.deepEqual(settings({ store: 's', 'store-key': passphrase }), {
      directory: path.join(workspace, 's'),
      cache: false,
      sealing: { identity: undefined, passphrase, recipients: [] },
    });
  });

  it('is opened by an identity, also from the file that age-keygen writes', () => {
    const file = `# created: x\n# public key: ${recipient}\n${identity.toLowerCase()}\n`;
    assert.deepEqual(settings({ store: 's', 'store-key': file })?.sealing, {
      identity,
      passphrase: undefined,
      recipients: [],
    });
  });

  it('may be only written to, for public keys', () => {
    assert.deepEqual(settings({ store: 's', 'store-recipients': `${recipient},\n${recipient}` })?.sealing, {
      identity: undefined,
      passphrase: undefined,
      recipients: [recipient, recipient],
    });
  });

  it('may be kept in GitHub’s cache', () => {
    assert.equal(settings({ store: 's', 'store-key': passphrase, 'store-cache': 'true' })?.cache, true);
  });
});

describe('a store that cannot be', () => {
  it('is told when there is a key and no folder', () => {
    assert.deepEqual(
      faults({ 'store-key': passphrase, 'store-recipients': recipient, 'store-cache': 'true' }),
      [
        'store-key: is of no use without store: the folder to keep state in.',
        'store-recipients: is of no use without store: the folder to keep state in.',
        'store-cache: is of no use without store: the folder to keep state in.',
      ],
    );
  });

  it('is told when there is a folder and no key, with how to make one', () => {
    assert.match(
      faults({ store: 's' }).join('\n'),
      /^store-key: is missing: private keys are kept encrypted\. Make one with age-keygen/,
    );
  });

  it('is told when a passphrase goes with public keys', () => {
    assert.deepEqual(
      faults({ store: 's', 'store-key': passphrase, 'store-recipients': 'age1'.padEnd(62, 'q') }),
      [
        `store-recipients: "${recipient}" cannot go with a passphrase in store-key: an age file has either a passphrase or public keys.`,
      ],
    );
  });

  it('is told when its key is to be used again and cannot be read', () => {
    assert.deepEqual(faults({ store: 's', 'store-recipients': recipient, 'reuse-key': 'true' }), [
      'reuse-key: "true" needs store-key: with store-recipients alone no key can be read back.',
    ]);
  });

  it('is told when the identity is not complete, without showing it', () => {
    assert.deepEqual(faults({ store: 's', 'store-key': identity.slice(0, 40) }), [
      'store-key: "(not shown)" starts like an age identity but is not complete.',
    ]);
  });

  it('is told when the key is a public one', () => {
    assert.match(
      faults({ store: 's', 'store-key': recipient }).join('\n'),
      /is a public key; it goes to store-recipients/,
    );
  });

  it('is told when the passphrase is short, without showing it', () => {
    assert.deepEqual(faults({ store: 's', 'store-key': 'hunter2' }), [
      'store-key: "(not shown)" is a passphrase of 7 characters; take at least 12.',
    ]);
  });

  it('is told when a secret key stands among the public ones, without showing it', () => {
    assert.deepEqual(faults({ store: 's', 'store-recipients': identity }), [
      'store-recipients: "(not shown)" holds a secret key; give public keys (age1…) here.',
    ]);
  });

  it('is told when a public key is none', () => {
    assert.deepEqual(faults({ store: 's', 'store-recipients': 'age1short' }), [
      'store-recipients: "age1short" is no age public key (age1…).',
    ]);
  });
});
