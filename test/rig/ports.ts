import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that systems hand out for outgoing connections, so that none takes a port before its server does. */
const first = 20_000;
const last = 31_999;
const given = new Set<number>();

/** A port that is free for TCP and UDP on an address, and that no other call in this process got. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = first + random(last - first + 1);
    if (!given.has(port) && (await isFree(port, address))) {
      given.add(port);
      return port;
    }
  }
  throw new Error(`No free port was found on ${address}.`);
}

/**
 * A loopback address whose port 53 is free, at random, so that tests that run side by side do not meet. Only Linux lets
 * programs bind all of 127.0.0.0/8.
 */
export async function freeAddress(): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const address = [127, 1 + random(126), random(256), 1 + random(254)].join('.');
    if (await isFree(53, address)) {
      return address;
    }
  }
  throw new Error('No loopback address was found whose port 53 can be bound.');
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}

async function isFree(port: number, address: string): Promise<boolean> {
  return (await bindsTcp(port, address)) && (await bindsUdp(port, address));
}

async function bindsTcp(port: number, address: string): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, address), 'listening');
    await once(server.close(), 'close');
    return true;
  } catch {
    return false;
  }
}

async function bindsUdp(port: number, address: string): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
