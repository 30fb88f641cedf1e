import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** How long an answer is awaited, in milliseconds. */
const patience = 1500;
const typeTxt = 16;

/**
 * For how long resolvers may keep the TXT records of a name, in seconds, by one server's answer. Node's resolver does
 * not tell.
 *
 * @param server `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:53`
 * @returns undefined when the server gives no such record, or none that fits into a UDP answer
 */
export function askTxtTtl(server: string, name: string): Promise<number | undefined> {
  const { address, port } = splitServer(server);
  const id = randomInt(0x10000);
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const settle = (ttl: number | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      resolve(ttl);
    };
    const timer = setTimeout(settle, patience, undefined);
    socket.on('error', () => settle(undefined));
    socket.on('message', (answer) => {
      if (answer.length >= 12 && answer.readUInt16BE(0) === id) {
        settle(readTxtTtl(answer));
      }
    });
    // A connected socket takes answers of this server alone.
    socket.on('connect', () => socket.send(txtQuestion(id, name)));
    socket.connect(port, address);
  });
}

function splitServer(server: string): { address: string; port: number } {
  const match = /^\[(.+)\]:(\d+)$/.exec(server) ?? /^([\d.]+):(\d+)$/.exec(server);
  return { address: match?.[1] ?? server, port: Number(match?.[2] ?? 53) };
}

/** A question as RFC 1035 section 4.1 has it, with recursion desired. */
function txtQuestion(id: number, name: string): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, typeTxt, 0, 1])]);
}

/** The TTL of the first TXT record of an answer. */
function readTxtTtl(answer: Buffer): number | undefined {
  try {
    let at = endOfName(answer, 12) + 4;
    for (let left = answer.readUInt16BE(6); left > 0; left--) {
      const record = endOfName(answer, at);
      if (answer.readUInt16BE(record) === typeTxt) {
        return answer.readUInt32BE(record + 4);
      }
      at = record + 10 + answer.readUInt16BE(record + 8);
    }
  } catch {
    // An answer that ends too early is no answer.
  }
  return undefined;
}

function endOfName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message.readUInt8(at);
    if (length === 0) {
      return at + 1;
    }
    if (length >= 0xc0) {
      return at + 2;
    }
    at += length + 1;
  }
}
