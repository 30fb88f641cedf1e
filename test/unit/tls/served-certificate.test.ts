import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSecureContext, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Failure } from '../../../src/failure.ts';
import { readServedCertificate } from '../../../src/tls/served-certificate.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { type MadeCertificate, makeCertificate } from '../../rig/made-certificates.ts';
import { freePort } from '../../rig/ports.ts';
import { startServer } from '../../rig/process.ts';
import { requiredTool, skipUnless } from '../../rig/tools.ts';

const valid = await makeCertificate({ name: 'valid.example.com' });
const never = new AbortController().signal;

/** Starts a server on a free loopback port for one test, and ends it and its connections with the test. */
async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function tlsServer(made: MadeCertificate, more: TlsOptions = {}): Server {
  return createTlsServer({ ...identity(made), ...more });
}

function identity({ certificatePem, keyPem }: MadeCertificate): { cert: string; key: string } {
  return { cert: certificatePem, key: keyPem };
}

interface Asked {
  host?: string;
  timeout?: number;
  signal?: AbortSignal;
  certificateFor?: 'ec' | 'rsa';
}

function readAt(port: number, asked: Asked = {}): Promise<string> {
  const { host = '127.0.0.1', ...options } = asked;
  return readServedCertificate({ scheme: 'tls', host, port }, { timeout: 10_000, signal: never, ...options });
}

async function failureOf(reading: Promise<string>): Promise<Failure> {
  const error = await reading.then(
    () => assert.fail('a certificate was read'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Failure, String(error));
  assert.notEqual(error.advice, '');
  return error;
}

test('a certificate is read though it signs itself and is for another name', async (t) => {
  const port = await listen(t, tlsServer(valid));
  assert.equal(await readAt(port), valid.certificatePem);
});

test('an expired certificate is read', async (t) => {
  const expired = await makeCertificate({ name: 'expired.example.com', daysLeft: -10 });
  const port = await listen(t, tlsServer(expired));
  assert.equal(await readAt(port), expired.certificatePem);
});

test('of a chain, the leaf alone is read', async (t) => {
  const root = await makeCertificate({ name: 'Root', isAuthority: true });
  const leaf = await makeCertificate({ name: 'leaf.example.com', issuer: root });
  const port = await listen(
    t,
    createTlsServer({ key: leaf.keyPem, cert: leaf.certificatePem + root.certificatePem }),
  );
  assert.equal(await readAt(port), leaf.certificatePem);
});

test('the host chooses between the certificates of a server (SNI), and an IP address sends none', async (t) => {
  const other = await makeCertificate({ name: 'localhost' });
  const asked: string[] = [];
  const port = await listen(
    t,
    tlsServer(valid, {
      SNICallback: (name, answer) => {
        asked.push(name);
        answer(null, createSecureContext(identity(other)));
      },
    }),
  );
  assert.equal(await readAt(port, { host: 'localhost' }), other.certificatePem);
  assert.equal(await readAt(port, { host: '127.0.0.1' }), valid.certificatePem);
  assert.deepEqual(asked, ['localhost']);
});

for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
  test(`a server that speaks only ${version} is read`, async (t) => {
    const rsa = await makeCertificate({ name: 'old.example.com', key: 'rsa2048' });
    const port = await listen(
      t,
      tlsServer(rsa, {
        minVersion: version,
        maxVersion: version,
        ciphers: 'ALL:@SECLEVEL=0:TLS_AES_128_GCM_SHA256',
      }),
    );
    assert.equal(await readAt(port), rsa.certificatePem);
  });
}

// openssl's server ends the handshake at once when a client has no certificate; Node's lets it finish first.
for (const version of ['-tls1_2', '-tls1_3']) {
  const skip = skipUnless('openssl');
  test(`a server that insists on a client's certificate is read (${version})`, { skip }, async (t) => {
    const port = await freePort();
    const folder = temporaryFolder('served');
    const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
    writeFileSync(files.cert, valid.certificatePem);
    writeFileSync(files.key, valid.keyPem, { mode: 0o600 });
    const server = await startServer({
      name: 'openssl s_server',
      command: requiredTool('openssl'),
      args: [
        ...['s_server', '-accept', `127.0.0.1:${port}`, '-cert', files.cert, '-key', files.key],
        ...['-Verify', '1', '-verify_return_error', '-www', version],
      ],
      ready: /ACCEPT/,
    });
    t.after(() => server.stop());
    assert.equal(await readAt(port), valid.certificatePem);
  });
}

test('of two kinds of certificate, the preferred one is read, and else the one that there is', async (t) => {
  const rsa = await makeCertificate({ name: 'rsa.example.com', key: 'rsa2048' });
  const both = await listen(
    t,
    createTlsServer({
      cert: [valid.certificatePem, rsa.certificatePem],
      key: [valid.keyPem, rsa.keyPem],
      secureOptions: constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
    }),
  );
  assert.equal(await readAt(both, { certificateFor: 'rsa' }), rsa.certificatePem);
  assert.equal(await readAt(both, { certificateFor: 'ec' }), valid.certificatePem);
  const one = await listen(t, tlsServer(valid));
  assert.equal(await readAt(one, { certificateFor: 'rsa' }), valid.certificatePem);
});

test('the connection is closed once the certificate is read', async (t) => {
  const server = tlsServer(valid);
  const port = await listen(t, server);
  const connection = once(server, 'connection') as Promise<[Socket]>;
  await readAt(port);
  const [socket] = await connection;
  if (!socket.destroyed) {
    await once(socket, 'close');
  }
});

test('a refused connection is told with host and port', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  const failure = await failureOf(readAt(port));
  assert.equal(failure.message, `127.0.0.1:${port} refused the connection.`);
});

test('a name without an address is told', async () => {
  // RFC 6761 section 6.4: resolvers know without asking that there is no such name.
  const failure = await failureOf(readAt(443, { host: 'nowhere.invalid' }));
  assert.match(failure.message, /^nowhere\.invalid:443 cannot be looked up/);
});

test('a server that stays silent is given up at the time limit', async (t) => {
  const port = await listen(t, createServer());
  assert.match((await failureOf(readAt(port, { timeout: 50 }))).message, / in time\.$/);
});

test('at the time limit, the step that was not done is told', async (t) => {
  const limit = new AbortController();
  t.mock.method(AbortSignal, 'timeout', () => limit.signal);
  const port = await listen(
    t,
    createServer((socket) => socket.once('data', () => limit.abort())),
  );
  assert.equal(
    (await failureOf(readAt(port))).message,
    `127.0.0.1:${port} did not show a certificate in the TLS handshake in time.`,
  );
});

test('a server that floods instead of speaking TLS is left', async (t) => {
  const port = await listen(
    t,
    createServer((socket) => {
      const flood = (): void => {
        while (socket.writable && socket.write('x'.repeat(65_536))) {}
      };
      socket.on('drain', flood);
      flood();
    }),
  );
  assert.match((await failureOf(readAt(port))).message, /does not speak TLS/);
});

test('a server that closes instead of speaking TLS is told', async (t) => {
  const port = await listen(
    t,
    createServer((socket) => socket.once('data', () => socket.end())),
  );
  assert.match((await failureOf(readAt(port))).message, /closed the connection during the TLS handshake\.$/);
});

test('a server that ends the handshake with an alert is told with its reason', async (t) => {
  const port = await listen(t, createTlsServer());
  assert.match(
    (await failureOf(readAt(port))).message,
    /did not complete the TLS handshake: .*handshake failure\.$/,
  );
});

test('a cancelled reading ends with the reason of the cancellation', async (t) => {
  const server = createServer();
  const port = await listen(t, server);
  const cancellation = new AbortController();
  const reading = readAt(port, { signal: cancellation.signal });
  await once(server, 'connection');
  const reason = new Error('cancelled');
  cancellation.abort(reason);
  await assert.rejects(reading, reason);
  await assert.rejects(readAt(port, { signal: cancellation.signal }), reason);
});
