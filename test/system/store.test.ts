import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { run } from '../rig/process.ts';
import { requiredTool, skipUnless } from '../rig/tools.ts';

const identity = await generateIdentity();
const inputs = { domains: 'shop.example', store: 'store', 'store-key': identity };

let ca: InstantAuthority;
/** A workspace with a store that holds the certificates of shop.example and other.example. */
let original: string;

before(async () => {
  ca = await startInstantAuthority();
  original = temporaryFolder('store');
  for (const domains of ['shop.example', 'other.example']) {
    const result = await ca.run({ ...inputs, domains }, { workspace: original });
    assert.equal(result.exitCode, 0, result.stdout);
  }
});
after(() => ca.stop());

function copyOfStore(): { workspace: string; store: string; certificate: string } {
  const workspace = temporaryFolder('store');
  cpSync(original, workspace, { recursive: true });
  const store = path.join(workspace, 'store');
  return { workspace, store, certificate: path.join(store, 'certificates', 'shop.example') };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('A store', () => {
  test('holds no private key in plain text', () => {
    for (const file of filesBelow(path.join(original, 'store'))) {
      assert.doesNotMatch(readFileSync(file, 'latin1'), /PRIVATE KEY/, file);
    }
  });

  test('is opened by age itself', { skip: skipUnless('age') }, async () => {
    const keyFile = path.join(temporaryFolder('age'), 'key.txt');
    writeFileSync(keyFile, `${identity}\n`);
    const { certificate } = copyOfStore();
    const pem = await run(requiredTool('age'), [
      '-d',
      '-i',
      keyFile,
      path.join(certificate, 'privkey.pem.age'),
    ]);
    const leaf = new X509Certificate(readFileSync(path.join(certificate, 'cert.pem')));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(pem)));
  });

  test('can be written with public keys alone, for a key that the run does not have', async () => {
    const owner = await generateIdentity();
    const recipients = { 'store-key': '', 'store-recipients': await identityToRecipient(owner) };
    const workspace = temporaryFolder('store');
    await ca.run({ ...inputs, ...recipients }, { workspace });
    const again = await ca.run({ ...inputs, ...recipients }, { workspace });
    assert.equal(again.outputs.renewed, 'false', again.stdout);
    const readable = await ca.run({ ...inputs, 'store-key': owner, force: 'true' }, { workspace });
    assert.equal(readable.outputs.renewed, 'true', readable.stdout);
  });

  test('that is opened with another key is left as it is', async () => {
    const { workspace, store } = copyOfStore();
    const earlier = filesBelow(store).map((file) => readFileSync(file, 'latin1'));
    const result = await ca.run(
      { ...inputs, 'store-key': await generateIdentity(), force: 'true' },
      { workspace },
    );
    assert.equal(result.exitCode, 1);
    assert.match(result.annotations[0]?.message ?? '', /account\.pem\.age cannot be opened with store-key/);
    assert.deepEqual(
      filesBelow(store).map((file) => readFileSync(file, 'latin1')),
      earlier,
    );
  });

  test('from a newer version is left as it is', async () => {
    const { workspace, certificate } = copyOfStore();
    const meta = path.join(certificate, 'meta.json');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace('"version": 1', '"version": 2'));
    const result = await ca.run({ ...inputs, force: 'true' }, { workspace });
    assert.equal(result.annotations[0]?.title, 'The store is from a newer version');
    assert.match(readFileSync(meta, 'utf8'), /"version": 2/);
  });
});

describe('A damaged certificate of a store', () => {
  const files = ['cert.pem', 'chain.pem', 'fullchain.pem', 'privkey.pem.age', 'meta.json'];
  const damages: Record<string, (file: string, other: string) => void> = {
    missing: (file) => rmSync(file),
    truncated: (file) => truncateSync(file, 40),
    "another certificate's": (file, other) => cpSync(other, file),
  };
  for (const file of files) {
    for (const [damage, inflict] of Object.entries(damages)) {
      // The intermediate certificate is the same for all certificates of a CA.
      if (file === 'chain.pem' && damage === "another certificate's") {
        continue;
      }
      test(`is ordered anew, told why, and kept aside: ${file} ${damage}`, async () => {
        const { workspace, store, certificate } = copyOfStore();
        inflict(path.join(certificate, file), path.join(store, 'certificates', 'other.example', file));
        const result = await ca.run(inputs, { workspace });
        assert.equal(result.outputs.renewed, 'true', result.stdout);
        const culprit =
          file === 'meta.json' && damage.startsWith('another') ? /cert\.pem|privkey|fullchain/ : file;
        assert.match(result.outputs.reason ?? '', new RegExp(culprit));
        const aside = readdirSync(path.join(store, 'certificates')).filter((name) =>
          name.includes('.damaged-'),
        );
        assert.equal(aside.length, 1);
      });
    }
  }

  for (const file of ['meta.json', 'account.pem.age']) {
    test(`does not cost the account: ${file} missing stops the run`, async () => {
      const { workspace, store } = copyOfStore();
      const account = path.dirname(filesBelow(path.join(store, 'accounts'))[0] as string);
      rmSync(path.join(account, file));
      const result = await ca.run({ ...inputs, force: 'true' }, { workspace });
      assert.equal(result.annotations[0]?.title, "The store's account is damaged");
      assert.match(result.annotations[0]?.message ?? '', new RegExp(`${file} is missing`));
    });
  }
});

describe('A run that is killed while it writes to the store', () => {
  test('leaves the old or the new certificate, whole, wherever it happens', async () => {
    const preload = path.join(import.meta.dirname, '../rig/kill-at-write.cjs');
    let killed = 0;
    for (let at = 1; ; at += 1) {
      const { workspace, certificate } = copyOfStore();
      const env = {
        NODE_OPTIONS: `--require ${preload}`,
        KILL_BELOW: path.join(workspace, 'store', 'certificates'),
        KILL_AT: String(at),
      };
      const result = await ca.run({ ...inputs, force: 'true' }, { workspace, env });
      if (result.signal !== 'SIGKILL') {
        break;
      }
      killed += 1;
      const next = await ca.run(inputs, { workspace });
      assert.equal(next.outputs.renewed, 'false', `killed at write ${at}: ${next.stdout}`);
      const leaf = new X509Certificate(readFileSync(path.join(certificate, 'cert.pem')));
      assert.equal(leaf.subjectAltName, 'DNS:shop.example');
      assert.ok(existsSync(path.join(certificate, 'privkey.pem.age')));
      assert.deepEqual(readdirSync(path.dirname(certificate)).sort(), ['other.example', 'shop.example']);
    }
    assert.ok(killed >= 10, `${killed} places to be killed at`);
  });
});

describe('A deployment that failed', () => {
  test('is made up for by the next run, without a new order', async () => {
    const { workspace } = copyOfStore();
    const program = path.join(workspace, 'deploy.sh');
    const write = (body: string): void => {
      writeFileSync(program, `#!/bin/sh\n${body}\n`);
      chmodSync(program, 0o755);
    };
    write('exit 3');
    const failed = await ca.run({ ...inputs, force: 'true', 'deploy-path': './deploy.sh' }, { workspace });
    assert.equal(failed.exitCode, 1);
    assert.equal(failed.outputs.renewed, 'true');
    assert.equal(failed.annotations.at(-1)?.title, 'The certificate was not deployed');

    write('cp "$ACME_FULLCHAIN" "$ACME_PRIVATE_KEY" .');
    const orders = ca.proxy.count('new-order');
    const next = await ca.run({ ...inputs, 'deploy-path': './deploy.sh' }, { workspace });
    assert.equal(next.exitCode, 0, next.stdout);
    assert.equal(ca.proxy.count('new-order'), orders);
    const leaf = new X509Certificate(readFileSync(path.join(workspace, 'fullchain.pem')));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(readFileSync(path.join(workspace, 'privkey.pem')))));

    const last = await ca.run({ ...inputs, 'deploy-path': './deploy.sh' }, { workspace });
    assert.doesNotMatch(last.outputs.reason ?? '', /did not deploy/);
  });
});
