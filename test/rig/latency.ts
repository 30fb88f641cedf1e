import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A TCP server that hands each connection on to a port of this machine, as if it were a round trip away: half of it in
 * each direction, and a whole one before the first octet, for the connection itself.
 */
export async function startDelay(
  targetPort: number,
  roundTripMs: number,
): Promise<{ port: number; server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    delay(near, far, roundTripMs / 2, roundTripMs);
    delay(far, near, roundTripMs / 2, 0);
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.once('close', () => sockets.delete(socket));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, server, sockets };
}

/** Timers of one delay fire in the order in which they were set, so octets stay in order. */
function delay(from: Socket, to: Socket, oneWayMs: number, atFirstMs: number): void {
  const opened = performance.now();
  const later = (act: () => void) =>
    setTimeout(act, Math.max(oneWayMs, opened + atFirstMs + oneWayMs - performance.now()));
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  // A reset has to arrive as one.
  from.on('error', () => later(() => to.resetAndDestroy()));
}
