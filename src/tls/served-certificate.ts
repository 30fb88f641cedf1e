import { constants } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, isIP, isIPv4, isIPv6, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, DEFAULT_CIPHERS } from 'node:tls';
import { asciiName } from '../dns/ascii-name.ts';
import { codeOf, Failure, messageOf } from '../failure.ts';
import { ServerFault, startTls } from './starttls.ts';

const defaultPorts = { tls: 443, smtp: 587, imap: 143, postgres: 5432 } as const;

/** A server that shows a certificate. */
export interface ServedAt {
  /** `tls`: from the first octet; the others: once the client has asked for it in clear text. */
  scheme: keyof typeof defaultPorts;
  /** A name in A-labels, or an IP address without brackets. */
  host: string;
  port: number;
}

/** Signature algorithms to offer, so that a server with certificates of both kinds shows the wanted one. */
const signatureAlgorithms = {
  ec: 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512',
  rsa: 'RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
} as const;

/** How a served certificate is read. */
export interface ReadingOptions {
  /** Milliseconds for all of it, the look-up of the name included. */
  timeout: number;
  /** Ends the reading when aborted. */
  signal: AbortSignal;
  /** The kind to prefer, where a server has both; without it, or where it has not got it, the server chooses. */
  certificateFor?: keyof typeof signatureAlgorithms | undefined;
}

/**
 * Everything that lets a handshake come as far as the certificate. Nothing is trusted for it and no data is exchanged,
 * so weak algorithms do no harm here: what is wanted is the date on an old server's certificate.
 */
const tolerant: ConnectionOptions = {
  rejectUnauthorized: false,
  // No roots: they would be parsed for nothing.
  ca: [],
  minVersion: 'TLSv1',
  ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=0`,
  minDHSize: 1,
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  // For its event, which comes as soon as the certificate is there; see `handshake`.
  requestOCSP: true,
};

/**
 * Reads `tls://host[:port]`, `smtp://…`, `imap://…` or `postgres://…`; an IPv6 address stands in brackets. Undefined when
 * the text is anything else: a path, credentials or a query have no meaning here.
 */
export function parseServedAt(text: string): ServedAt | undefined {
  const url =
    /^(?<scheme>tls|smtp|imap|postgres):\/\/(?:\[(?<six>[^\]]+)\]|(?<name>[^\s/?#@:[\]]+))(?::(?<port>\d{1,5}))?$/i;
  const parts = url.exec(text)?.groups;
  if (parts === undefined) {
    return undefined;
  }
  const scheme = parts.scheme?.toLowerCase() as ServedAt['scheme'];
  const host = parts.six === undefined ? hostName(parts.name ?? '') : ipv6(parts.six);
  const port = parts.port === undefined ? defaultPorts[scheme] : Number(parts.port);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { scheme, host, port };
}

/**
 * Reads the certificate that a server shows, as PEM: expired, for another name or of an unknown CA, all the same. It
 * proves nothing about the server and must not be trusted: whoever is on the way can show another one.
 *
 * A name is sent as SNI (RFC 6066 section 3), an IP address is not. The connection is closed in every case.
 *
 * @throws Failure with the host, the port, and what happened there
 * @throws the reason of `options.signal`, once that is aborted
 */
export async function readServedCertificate(at: ServedAt, options: ReadingOptions): Promise<string> {
  const { signal, timeout, certificateFor } = options;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  try {
    return await readPreferred(at, deadline, certificateFor);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ServerFault)) {
      throw error;
    }
    throw new Failure(
      'The certificate of a server cannot be read',
      `${address(at)} ${error.message}`,
      error.advice,
      error,
    );
  }
}

/** A server without a certificate of the preferred kind ends the handshake; it is asked again for whatever it has. */
async function readPreferred(
  at: ServedAt,
  deadline: AbortSignal,
  preferred: ReadingOptions['certificateFor'],
): Promise<string> {
  if (preferred !== undefined) {
    try {
      return await read(at, deadline, { sigalgs: signatureAlgorithms[preferred] });
    } catch (error) {
      if (!(error instanceof HandshakeFault)) {
        throw error;
      }
    }
  }
  return await read(at, deadline, {});
}

async function read(at: ServedAt, deadline: AbortSignal, more: ConnectionOptions): Promise<string> {
  const socket = connectTcp({ host: at.host, port: at.port, signal: deadline });
  // Every step hears of its own errors. One that comes between two steps or after the last must not end the process.
  socket.on('error', () => {});
  let step = 'accept the connection';
  try {
    await connected(socket);
    if (at.scheme !== 'tls') {
      step = `agree to TLS in the ${at.scheme} dialogue`;
      await startTls(at.scheme, socket);
    }
    step = 'show a certificate in the TLS handshake';
    return await handshake(socket, { ...more, ...(isIP(at.host) === 0 ? { servername: at.host } : {}) });
  } catch (error) {
    throw deadline.aborted ? tookTooLong(step) : error;
  } finally {
    socket.destroy();
  }
}

async function connected(socket: Socket): Promise<void> {
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw connectionFault(error);
  }
}

/**
 * The certificate is taken as soon as it has come, not when the handshake is over: a server that wants a client's
 * certificate ends TLS 1.2's handshake then, and may have ended the connection before TLS 1.3's is reported.
 */
function handshake(socket: Socket, more: ConnectionOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ ...tolerant, ...more, socket });
    let pem: string | undefined;
    const settle = (fault: unknown): void => {
      secure.destroy();
      if (pem === undefined) {
        reject(fault);
      } else {
        resolve(pem);
      }
    };
    const take = (): void => {
      pem ??= secure.getPeerX509Certificate()?.toString();
      // Not at once: OpenSSL is still at work on this connection.
      setImmediate(settle, new HandshakeFault('showed no certificate.'));
    };
    secure.once('OCSPResponse', take);
    secure.once('secureConnect', take);
    secure.on('error', (error) => settle(handshakeFault(error)));
    secure.once('close', () => settle(new HandshakeFault(closedMessage)));
  });
}

const closedMessage = 'closed the connection during the TLS handshake.';

/** The server and this client did not come to terms on TLS; other terms may do. */
class HandshakeFault extends ServerFault {
  override readonly name = 'HandshakeFault';

  constructor(message: string) {
    super(
      message,
      'Check the port and its scheme (tls://, smtp://, imap:// or postgres://), and the host name.',
    );
  }
}

function handshakeFault(error: Error): HandshakeFault {
  switch (codeOf(error)) {
    case 'ECONNRESET':
    case 'EPIPE':
      return new HandshakeFault(closedMessage);
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return new HandshakeFault('does not speak TLS where it should start.');
    default: {
      const reason = 'reason' in error ? String(error.reason) : messageOf(error);
      return new HandshakeFault(`did not complete the TLS handshake: ${reason}.`);
    }
  }
}

function connectionFault(error: unknown): ServerFault {
  const check = 'Check host and port, that the server runs, and that its firewall admits this machine.';
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return new ServerFault('refused the connection.', check);
    case 'ENOTFOUND':
      return new ServerFault('cannot be looked up: the name has no address.', 'Check the name.');
    case 'EAI_AGAIN':
      return new ServerFault('cannot be looked up: DNS does not answer.', "Check the machine's resolver.");
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return new ServerFault(
        'cannot be reached from this machine.',
        "Check the machine's network; GitHub's own runners have no IPv6.",
      );
    case 'ETIMEDOUT':
      return new ServerFault('did not accept the connection in time.', check);
    default:
      return new ServerFault(`cannot be connected to (${codeOf(error) || messageOf(error)}).`, check);
  }
}

function tookTooLong(step: string): ServerFault {
  return new ServerFault(
    `did not ${step} in time.`,
    'Check the port and its scheme: a port that speaks TLS from the start, as 465 and 993, is tls://.',
  );
}

function address({ host, port }: ServedAt): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function ipv6(text: string): string | undefined {
  return isIPv6(text) ? text : undefined;
}

/** An IPv4 address, or a host name; underscores are allowed, as private networks have them. */
function hostName(text: string): string | undefined {
  const name = asciiName(text);
  const labels = name.split('.');
  // A name whose last label is a number is a misspelt address (WHATWG URL, "ends in a number").
  const isName =
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  return isIPv4(name) || isName ? name : undefined;
}
