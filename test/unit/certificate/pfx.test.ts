import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { splitPem } from '../../../src/certificate/pem.ts';
import { createPfx } from '../../../src/certificate/pfx.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { type MadeCertificate, makeCertificate } from '../../rig/made-certificates.ts';
import { requiredTool, skipUnless } from '../../rig/tools.ts';

const password = 'correct horse';
const folder = temporaryFolder('pfx');
const root = await makeCertificate({ name: 'Root', key: 'rsa2048', isAuthority: true });
const middle = await makeCertificate({ name: 'Middle', issuer: root, isAuthority: true });
const leaves = {
  ec256: await leaf('ec256'),
  ec384: await leaf('ec384'),
  rsa2048: await leaf('rsa2048'),
};

function leaf(key: 'ec256' | 'ec384' | 'rsa2048'): Promise<MadeCertificate> {
  return makeCertificate({ name: `${key}.example.com`, key, issuer: middle });
}

interface Changes {
  password?: string;
  friendlyName?: string;
  chain?: readonly MadeCertificate[];
}

function pfxOf(made: MadeCertificate, changes: Changes = {}): Buffer {
  return createPfx({
    keyPem: made.keyPem,
    certificates: [made, ...(changes.chain ?? [middle, root])].map(({ certificatePem }) => certificatePem),
    password: changes.password ?? password,
    friendlyName: changes.friendlyName ?? 'example.com',
  });
}

let files = 0;

function fileOf(pfx: Buffer): string {
  files += 1;
  const file = path.join(folder, `${files}.pfx`);
  writeFileSync(file, pfx);
  return file;
}

interface Reading {
  status: number | null;
  output: string;
}

function openssl(pfx: Buffer, ...more: readonly string[]): Reading {
  return readWith('openssl', 'pkcs12', '-in', fileOf(pfx), ...more);
}

function keytool(pfx: Buffer, command: string, storePassword: string, ...more: readonly string[]): Reading {
  const store = ['-keystore', fileOf(pfx), '-storetype', 'PKCS12', '-storepass', storePassword];
  return readWith('keytool', '-J-Duser.language=en', '-J-Xshare:auto', command, ...store, ...more);
}

function readWith(name: string, ...args: readonly string[]): Reading {
  const { status, stdout, stderr } = spawnSync(requiredTool(name), args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

suite('a PKCS#12 file read by openssl', { skip: skipUnless('openssl') }, () => {
  for (const [type, made] of Object.entries(leaves)) {
    test(`gives back the key (${type}) and all three certificates`, () => {
      const { status, output } = openssl(pfxOf(made), '-passin', `pass:${password}`, '-nodes');
      assert.equal(status, 0, output);
      assert.deepEqual(
        splitPem(output),
        [made, middle, root].map(({ certificatePem }) => certificatePem),
      );
      assert.ok(createPrivateKey(output).equals(createPrivateKey(made.keyPem)));
    });
  }

  test('uses AES-256-CBC, PBKDF2 with HMAC-SHA-256 and a SHA-256 MAC, and nothing older', () => {
    const { status, output } = openssl(pfxOf(leaves.ec256), '-passin', `pass:${password}`, '-info', '-noout');
    assert.equal(status, 0, output);
    const pbes2 = 'PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256';
    assert.deepEqual(output.trimEnd().split('\n'), [
      'MAC: sha256, Iteration 10000',
      'MAC length: 32, salt length: 16',
      `PKCS7 Encrypted data: ${pbes2}`,
      'Certificate bag',
      'Certificate bag',
      'Certificate bag',
      'PKCS7 Data',
      `Shrouded Keybag: ${pbes2}`,
    ]);
  });

  test('links the key to the leaf alone, and names both', () => {
    const { output } = openssl(
      pfxOf(leaves.ec256, { friendlyName: 'Bücher & Söhne' }),
      '-passin',
      `pass:${password}`,
      '-nodes',
    );
    const fingerprint = new X509Certificate(leaves.ec256.certificatePem).fingerprint256.replaceAll(':', ' ');
    const ids = [...output.matchAll(/localKeyID: (.*?) *$/gm)].map(([, id]) => id);
    assert.deepEqual(ids, [fingerprint, fingerprint]);
    const names = [...output.matchAll(/friendlyName: (.*)$/gm)].map(([, name]) => name);
    assert.equal(names.length, 2);
  });

  test('takes passwords outside ASCII and beyond the basic plane, and long ones', () => {
    for (const unusual of ['pä55wörd', '密码 🔑', 'long '.repeat(50)]) {
      const { status, output } = openssl(
        pfxOf(leaves.ec256, { password: unusual }),
        '-passin',
        `pass:${unusual}`,
        '-nodes',
      );
      assert.equal(status, 0, output);
    }
  });

  test('is refused with a wrong password', () => {
    const { status, output } = openssl(pfxOf(leaves.ec256), '-passin', 'pass:wrong', '-noout');
    assert.notEqual(status, 0);
    assert.match(output, /invalid password/);
  });

  test('can hold a certificate without a chain', () => {
    const pfx = pfxOf(leaves.rsa2048, { chain: [] });
    const { output } = openssl(pfx, '-passin', `pass:${password}`, '-nokeys');
    assert.deepEqual(splitPem(output), [leaves.rsa2048.certificatePem]);
  });
});

suite('a PKCS#12 file read by Node', () => {
  for (const [type, made] of Object.entries(leaves)) {
    test(`makes a TLS server's context (${type})`, () => {
      createSecureContext({ pfx: pfxOf(made), passphrase: password });
    });
  }

  test('is refused with a wrong password', () => {
    assert.throws(
      () => createSecureContext({ pfx: pfxOf(leaves.ec256), passphrase: 'wrong' }),
      /mac verify failure/,
    );
  });
});

suite("a PKCS#12 file read by Java's keytool", { skip: skipUnless('keytool') }, () => {
  for (const [type, made] of Object.entries(leaves)) {
    test(`is a key entry (${type}) with its chain of three`, () => {
      const { status, output } = keytool(pfxOf(made), '-list', password, '-rfc');
      assert.equal(status, 0, output);
      assert.match(output, /Your keystore contains 1 entry/);
      assert.match(output, /Alias name: example\.com/);
      assert.match(output, /Entry type: PrivateKeyEntry/);
      assert.deepEqual(
        splitPem(output),
        [made, middle, root].map(({ certificatePem }) => certificatePem),
      );
    });
  }

  test('lets Java sign with its key', () => {
    const { status, output } = keytool(pfxOf(leaves.ec256), '-certreq', password, '-alias', 'example.com');
    assert.equal(status, 0, output);
    assert.match(output, /BEGIN NEW CERTIFICATE REQUEST/);
  });

  test('is refused with a wrong password', () => {
    const { status, output } = keytool(pfxOf(leaves.ec256), '-list', 'wrong!');
    assert.notEqual(status, 0);
    assert.match(output, /password was incorrect/);
  });
});

test('the same content gives a new file each time, as salts are never used twice', () => {
  assert.notDeepEqual(pfxOf(leaves.ec256), pfxOf(leaves.ec256));
});

test('a PKCS#12 file without a certificate cannot be made', () => {
  assert.throws(
    () => createPfx({ keyPem: leaves.ec256.keyPem, certificates: [], password, friendlyName: 'none' }),
    /needs the certificate/,
  );
});
