import type { Socket } from 'node:net';
import { quoted } from '../failure.ts';

/** The protocols that start in clear text and turn to TLS when asked. */
export type ClearTextScheme = 'smtp' | 'imap' | 'postgres';

/** Why a server's certificate cannot be read, in words that continue the server's address. */
export class ServerFault extends Error {
  override readonly name: string = 'ServerFault';
  readonly advice: string;

  /** @param advice what the user can do about it */
  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** Octets that a server may send before TLS starts, and in one line of them: far more than any needs. */
const maximumTotal = 65_536;
const maximumLine = 4096;

/** SMTP wants a client to name itself (RFC 5321 section 4.1.1.1); this name tells nothing of the machine (RFC 2606). */
const clientName = 'acme-exec.invalid';

/** The four octets of PostgreSQL's length, then its code for "TLS, please": 1234 and 5679. */
const postgresTlsRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Leads a clear-text dialogue on a new connection to the point where the TLS handshake is next. Nothing is sent but what
 * asks for TLS. There is no time limit here: whoever destroys the socket ends the dialogue.
 *
 * @throws ServerFault when the server does not offer TLS, speaks another protocol, floods or closes
 */
export async function startTls(scheme: ClearTextScheme, socket: Socket): Promise<void> {
  const dialogue = new Dialogue(socket);
  await dialogues[scheme](dialogue);
  await dialogue.end();
}

const dialogues = { smtp, imap, postgres } as const;

/** RFC 3207. */
async function smtp(dialogue: Dialogue): Promise<void> {
  await smtpReply(dialogue, '220');
  dialogue.send(`EHLO ${clientName}\r\n`);
  const [, ...extensions] = await smtpReply(dialogue, '250');
  if (!extensions.some((extension) => /^STARTTLS$/i.test(extension))) {
    throw offersNoTls('STARTTLS is not among its extensions');
  }
  dialogue.send('STARTTLS\r\n');
  await smtpReply(dialogue, '220');
}

/** The text of each line of a reply, which has the wanted code (RFC 5321 section 4.2). */
async function smtpReply(dialogue: Dialogue, wanted: string): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const line = await dialogue.line();
    const [, code, separator, text = ''] = /^(\d{3})(?:([ -])(.*))?$/.exec(line) ?? [];
    if (code === undefined) {
      throw isNot('SMTP', line);
    }
    if (code !== wanted) {
      throw refused(line);
    }
    texts.push(text.trim());
    if (separator !== '-') {
      return texts;
    }
  }
}

/** RFC 9051 section 6.2.1. The capabilities need not be asked for: a server without TLS answers NO or BAD. */
async function imap(dialogue: Dialogue): Promise<void> {
  const greeting = await dialogue.line();
  if (/^\* BYE\b/i.test(greeting)) {
    throw refused(greeting);
  }
  if (!/^\* (?:OK|PREAUTH)\b/i.test(greeting)) {
    throw isNot('IMAP', greeting);
  }
  dialogue.send('a1 STARTTLS\r\n');
  for (;;) {
    const line = await dialogue.line();
    if (/^a1 OK\b/i.test(line)) {
      return;
    }
    if (/^a1 (?:NO|BAD)\b/i.test(line)) {
      throw offersNoTls(`it said ${shown(line)}`);
    }
    if (/^\* BYE\b/i.test(line)) {
      throw refused(line);
    }
    if (!line.startsWith('* ')) {
      throw isNot('IMAP', line);
    }
  }
}

/** PostgreSQL's documentation, "SSL Session Encryption": one octet answers the request. */
async function postgres(dialogue: Dialogue): Promise<void> {
  dialogue.send(postgresTlsRequest);
  const answer = await dialogue.character();
  if (answer === 'N') {
    throw offersNoTls('ssl is off in its configuration');
  }
  if (answer !== 'S') {
    throw isNot('the PostgreSQL protocol', answer);
  }
}

/** The clear-text part of a connection, read within bounds. */
class Dialogue {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  /** Received and not yet taken. */
  #rest: Buffer = Buffer.alloc(0);
  #received = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#chunks = socket.iterator({ destroyOnReturn: false });
  }

  send(message: string | Buffer): void {
    this.#socket.write(message);
  }

  /** The next line, without its end. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf('\n');
    while (end < 0) {
      if (this.#rest.length > maximumLine) {
        throw floods();
      }
      await this.#receive();
      end = this.#rest.indexOf('\n');
    }
    return this.#take(end + 1).replace(/\r?\n$/, '');
  }

  async character(): Promise<string> {
    while (this.#rest.length === 0) {
      await this.#receive();
    }
    return this.#take(1);
  }

  /**
   * Gives the socket back.
   *
   * @throws ServerFault when there is more than was read: it may have been put in by someone on the way, to be taken for
   *   what comes by TLS (as CVE-2011-0411 and CVE-2021-23222)
   */
  async end(): Promise<void> {
    await this.#chunks.return?.();
    if (this.#rest.length > 0 || this.#socket.readableLength > 0) {
      throw new ServerFault(
        'sent more in clear text after it had agreed to TLS; someone on the way may have put it in.',
        'Check the way to the server, or read the certificate from a file.',
      );
    }
  }

  #take(octets: number): string {
    const taken = this.#rest.toString('latin1', 0, octets);
    this.#rest = this.#rest.subarray(octets);
    return taken;
  }

  async #receive(): Promise<void> {
    const chunk = await this.#next();
    this.#received += chunk.length;
    if (this.#received > maximumTotal) {
      throw floods();
    }
    this.#rest = Buffer.concat([this.#rest, chunk]);
  }

  async #next(): Promise<Buffer> {
    const next = await this.#chunks.next().catch(() => ({ done: true as const }));
    if (next.done) {
      throw new ServerFault(
        'closed the connection before TLS could start.',
        'Check the port, and whether the server admits connections from this machine.',
      );
    }
    return next.value;
  }
}

function offersNoTls(detail: string): ServerFault {
  return new ServerFault(
    `offers no TLS by STARTTLS (${detail}).`,
    'Check the port and that TLS is switched on; where the port speaks TLS from the start, write tls://.',
  );
}

function refused(line: string): ServerFault {
  return new ServerFault(
    `refuses the dialogue: ${shown(line)}.`,
    'Check whether the server admits connections from this machine.',
  );
}

function isNot(protocol: string, answer: string): ServerFault {
  return new ServerFault(
    `does not speak ${protocol}: it said ${shown(answer)}.`,
    'Check the port and the scheme: tls://, smtp://, imap:// or postgres://.',
  );
}

function floods(): ServerFault {
  return new ServerFault(
    'sends far more than an answer before TLS starts.',
    'Check the port and the scheme: tls://, smtp://, imap:// or postgres://.',
  );
}

/** What a server said, short and in one line. */
function shown(text: string): string {
  return quoted(text.slice(0, 100));
}
