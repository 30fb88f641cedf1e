import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { startBind } from './bind.ts';
import type { NameServer } from './zone.ts';

export interface SilentServer {
  readonly address: string;
  /** How many questions and connections it has kept silent about. */
  questions(): number;
  stop(): Promise<void>;
}

/** A server on port 53 that takes every question, over UDP and TCP, and never answers. */
export async function startSilentServer(address: string, port = 53): Promise<SilentServer> {
  let questions = 0;
  const connections = new Set<Socket>();
  const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4', () => {
    questions++;
  });
  const tcp = createServer((connection) => {
    questions++;
    connections.add(connection);
    connection.on('error', () => {});
  });
  udp.bind(port, address);
  await once(udp, 'listening');
  await once(tcp.listen(port, address), 'listening');
  udp.unref();
  tcp.unref();
  return {
    address,
    questions: () => questions,
    stop: async () => {
      for (const connection of connections) {
        connection.destroy();
      }
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}

/** A server on port 53 that answers every question with REFUSED: a real BIND that serves nobody. */
export function startRefusingServer(address: string): Promise<NameServer> {
  return startBind({ address, zones: [], allowQuery: 'none' });
}
