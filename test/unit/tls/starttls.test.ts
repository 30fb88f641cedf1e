import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSecureContext, TLSSocket } from 'node:tls';
import { Failure } from '../../../src/failure.ts';
import { readServedCertificate, type ServedAt } from '../../../src/tls/served-certificate.ts';
import { makeCertificate } from '../../rig/made-certificates.ts';

const made = await makeCertificate({ name: 'mail.example.com' });
const secureContext = createSecureContext({ cert: made.certificatePem, key: made.keyPem });

type Scheme = Exclude<ServedAt['scheme'], 'tls'>;

/** What a fake says on a new connection, and what it answers to each message of the client in turn. */
interface Script {
  greeting?: string;
  answers: readonly string[];
  /** After the last answer; default: TLS starts, or silence where there is none to give. */
  ending?: 'close' | 'silence';
  /** Told of every message of the client. */
  onMessage?: () => void;
}

/** A server that only follows a script; it knows nothing of its protocol. Gives its port, and what clients sent to it. */
async function fakeServer(t: TestContext, script: Script): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(script.greeting ?? '', 'latin1');
    const answers = [...script.answers];
    if (answers.length === 0) {
      follow(socket, script.ending ?? 'silence');
      return;
    }
    socket.on('data', function hear(message) {
      heard.push(message.toString('latin1'));
      script.onMessage?.();
      const last = answers.length === 1;
      socket.write(answers.shift() ?? '', 'latin1');
      if (last) {
        socket.off('data', hear);
        follow(socket, script.ending);
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

function follow(socket: Socket, ending: Script['ending']): void {
  if (ending === 'close') {
    socket.end();
  } else if (ending === undefined) {
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    secure.on('error', () => {});
  }
}

function read(scheme: Scheme, port: number): Promise<string> {
  const { signal } = new AbortController();
  return readServedCertificate({ scheme, host: '127.0.0.1', port }, { timeout: 10_000, signal });
}

async function faultOf(scheme: Scheme, port: number): Promise<string> {
  const error = await read(scheme, port).then(
    () => assert.fail('a certificate was read'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Failure, String(error));
  const address = `127.0.0.1:${port} `;
  assert.ok(error.message.startsWith(address), error.message);
  return error.message.slice(address.length);
}

const smtpGreeting = '220 mail.example.com ESMTP\r\n';
const smtpExtensions = '250-mail.example.com\r\n250-SIZE 1000\r\n250-StartTLS\r\n250 HELP\r\n';
const imapGreeting = '* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n';

test('smtp: a certificate is read after EHLO and STARTTLS, and nothing else is sent in clear text', async (t) => {
  const { port, heard } = await fakeServer(t, {
    greeting: `220-mail.example.com\r\n220-no spam\r\n${smtpGreeting}`,
    answers: [smtpExtensions, '220 Go ahead\r\n'],
  });
  assert.equal(await read('smtp', port), made.certificatePem);
  assert.deepEqual(heard, ['EHLO acme-exec.invalid\r\n', 'STARTTLS\r\n']);
});

test('smtp: an answer without any text is an answer', async (t) => {
  const { port } = await fakeServer(t, {
    greeting: '220\r\n',
    answers: ['250-\r\n250 STARTTLS\r\n', '220\r\n'],
  });
  assert.equal(await read('smtp', port), made.certificatePem);
});

test('smtp: a server without STARTTLS is told, and is not asked for it', async (t) => {
  const { port, heard } = await fakeServer(t, {
    greeting: smtpGreeting,
    answers: ['250-starttls.example.com\r\n250 HELP\r\n'],
    ending: 'silence',
  });
  assert.equal(
    await faultOf('smtp', port),
    'offers no TLS by STARTTLS (STARTTLS is not among its extensions).',
  );
  assert.deepEqual(heard, ['EHLO acme-exec.invalid\r\n']);
});

test('smtp: a server that turns the client away is quoted', async (t) => {
  const { port } = await fakeServer(t, { greeting: '554 go "away"\r\n', answers: [] });
  assert.equal(await faultOf('smtp', port), 'refuses the dialogue: "554 go \\"away\\"".');
});

test('smtp: a server that cannot start TLS now is quoted', async (t) => {
  const { port } = await fakeServer(t, {
    greeting: smtpGreeting,
    answers: [smtpExtensions, '454 TLS not available\r\n'],
    ending: 'silence',
  });
  assert.equal(await faultOf('smtp', port), 'refuses the dialogue: "454 TLS not available".');
});

test('imap: a certificate is read after STARTTLS alone, whatever untagged lines there are', async (t) => {
  const { port, heard } = await fakeServer(t, {
    greeting: imapGreeting,
    answers: ['* OK still here\r\na1 OK begin\r\n'],
  });
  assert.equal(await read('imap', port), made.certificatePem);
  assert.deepEqual(heard, ['a1 STARTTLS\r\n']);
});

for (const answer of ['a1 NO TLS is not set up', 'a1 BAD unknown command']) {
  test(`imap: a server that answers "${answer}" is told`, async (t) => {
    const { port } = await fakeServer(t, {
      greeting: imapGreeting,
      answers: [`${answer}\r\n`],
      ending: 'silence',
    });
    assert.equal(await faultOf('imap', port), `offers no TLS by STARTTLS (it said "${answer}").`);
  });
}

test('imap: a server that says BYE is quoted', async (t) => {
  const greeted = await fakeServer(t, { greeting: '* BYE too many\r\n', answers: [] });
  assert.equal(await faultOf('imap', greeted.port), 'refuses the dialogue: "* BYE too many".');
  const later = await fakeServer(t, {
    greeting: imapGreeting,
    answers: ['* BYE ending\r\n'],
    ending: 'close',
  });
  assert.equal(await faultOf('imap', later.port), 'refuses the dialogue: "* BYE ending".');
});

test('postgres: a certificate is read after SSLRequest', async (t) => {
  const { port, heard } = await fakeServer(t, { answers: ['S'] });
  assert.equal(await read('postgres', port), made.certificatePem);
  assert.deepEqual(heard, ['\0\0\0\x08\x04\xd2\x16\x2f']);
});

test('postgres: a server without TLS is told', async (t) => {
  const { port } = await fakeServer(t, { answers: ['N'], ending: 'silence' });
  assert.equal(
    await faultOf('postgres', port),
    'offers no TLS by STARTTLS (ssl is off in its configuration).',
  );
});

for (const [scheme, protocol] of [
  ['smtp', 'SMTP'],
  ['imap', 'IMAP'],
  ['postgres', 'the PostgreSQL protocol'],
] as const) {
  test(`${scheme}: a server of another protocol is told`, async (t) => {
    const { port } = await fakeServer(t, { greeting: 'HTTP/1.1 400 Bad Request\r\n', answers: [''] });
    assert.ok((await faultOf(scheme, port)).startsWith(`does not speak ${protocol}: it said "H`));
  });
}

for (const [scheme, script] of Object.entries({
  smtp: { greeting: smtpGreeting, answers: [smtpExtensions, '220 ok\r\n250 put in by another\r\n'] },
  imap: { greeting: imapGreeting, answers: ['a1 OK\r\n* put in by another\r\n'] },
  postgres: { answers: ['Sput in by another'] },
})) {
  test(`${scheme}: more clear text after the agreement to TLS is not taken for TLS`, async (t) => {
    const { port } = await fakeServer(t, { ...script, ending: 'silence' });
    assert.match(
      await faultOf(scheme as Scheme, port),
      /^sent more in clear text after it had agreed to TLS/,
    );
  });

  test(`${scheme}: a server that closes before TLS is told`, async (t) => {
    const { port } = await fakeServer(t, { answers: [], ending: 'close' });
    assert.equal(await faultOf(scheme as Scheme, port), 'closed the connection before TLS could start.');
  });

  test(`${scheme}: a server that falls silent is given up at the time limit`, async (t) => {
    const limit = new AbortController();
    t.mock.method(AbortSignal, 'timeout', () => limit.signal);
    const { port } = await fakeServer(t, {
      ...script,
      answers: [''],
      ending: 'silence',
      onMessage: () => limit.abort(),
    });
    assert.equal(
      await faultOf(scheme as Scheme, port),
      `did not agree to TLS in the ${scheme} dialogue in time.`,
    );
  });
}

for (const [what, greeting] of Object.entries({
  'a line without end': '2'.repeat(100_000),
  'lines without end': '220-more\r\n'.repeat(20_000),
})) {
  test(`smtp: a server that sends ${what} is left`, async (t) => {
    const { port } = await fakeServer(t, { greeting, answers: [] });
    assert.equal(await faultOf('smtp', port), 'sends far more than an answer before TLS starts.');
  });
}

test('imap: a server that sends untagged lines without end is left', async (t) => {
  const { port } = await fakeServer(t, {
    greeting: imapGreeting,
    answers: ['* more\r\n'.repeat(20_000)],
    ending: 'silence',
  });
  assert.equal(await faultOf('imap', port), 'sends far more than an answer before TLS starts.');
});
