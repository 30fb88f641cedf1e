import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, type RequestOptions, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type RequestKind, requestKind, requestPayload } from './acme-request.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { startDelay } from './latency.ts';
import { listenerCertificate } from './listener-certificate.ts';

/** A request that reached the proxy. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly kind: RequestKind;
  /** Of the signed body; undefined when it is empty or there is none. */
  readonly payload: unknown;
  /** Milliseconds since the proxy started. */
  readonly at: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** 0 until it is answered, and for ever where a fault answers nothing. */
  status: number;
}

/**
 * What to do instead of handing a request on: an answer of the proxy's own, a reset connection, no answer ever, or
 * (`lost`) a reset once the CA has done what was asked.
 */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'reset'
  | 'silence'
  | 'lost';

export interface CaProxyStart {
  readonly ca: { readonly directoryUrl: string; readonly rootCertificate: string };
  /** Added to every round trip, handshakes included; none by default. */
  readonly roundTripMs?: number;
  /** Called for every request. `n` counts the requests of its kind, from 1. */
  readonly fault?: (request: ProxiedRequest, n: number) => Fault | undefined;
}

export interface CaProxy {
  readonly directoryUrl: string;
  readonly rootCertificate: string;
  readonly requests: readonly ProxiedRequest[];
  /** How many TCP connections clients have opened. */
  connections(): number;
  /** How many requests came, of one kind or in all. */
  count(kind?: RequestKind): number;
  /** How many requests came, by method and kind, such as `POST new-order`. */
  counts(): Record<string, number>;
  stop(): Promise<void>;
}

/** Starts an HTTPS proxy in front of a CA. The Host header is kept, so the CA's URLs lead through the proxy. */
export async function startCaProxy({ ca, roundTripMs = 0, fault }: CaProxyStart): Promise<CaProxy> {
  const folder = temporaryFolder('ca-proxy');
  const listener = listenerCertificate(folder, 'CA proxy');
  const target = new URL(ca.directoryUrl);
  const agent = new Agent({ keepAlive: true, ca: readFileSync(ca.rootCertificate) });
  const requests: ProxiedRequest[] = [];
  const count = (kind?: RequestKind) =>
    requests.filter((one) => kind === undefined || one.kind === kind).length;
  const started = performance.now();
  let connections = 0;
  // By the client's port: a reset takes the TCP socket, which the TLS socket of a request does not give.
  const sockets = new Map<number, Socket>();
  const reset = ({ socket }: IncomingMessage) => sockets.get(socket.remotePort ?? 0)?.resetAndDestroy();

  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(incoming);
    const { method = '', url = '', headers } = incoming;
    const seen: ProxiedRequest = {
      method,
      path: url,
      kind: requestKind(url),
      payload: requestPayload(body.toString()),
      at: performance.now() - started,
      headers,
      status: 0,
    };
    requests.push(seen);
    const wrong = fault?.(seen, count(seen.kind));
    if (wrong === 'silence') {
      return;
    }
    if (wrong === 'reset') {
      reset(incoming);
      return;
    }
    if (wrong !== undefined && wrong !== 'lost') {
      seen.status = wrong.status;
      response.writeHead(wrong.status, wrong.headers).end(wrong.body);
      return;
    }
    const { hostname, port } = target;
    const answer = await forward({ hostname, port, path: url, method, headers, agent }, body);
    if (wrong === 'lost') {
      reset(incoming);
      return;
    }
    seen.status = answer.status;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };

  const server = createServer(
    { key: readFileSync(listener.key), cert: readFileSync(listener.certificate), keepAliveTimeout: 60_000 },
    (incoming, response) => {
      handle(incoming, response).catch(() => reset(incoming));
    },
  );
  server.on('connection', (stream) => {
    const socket = stream as Socket;
    const { remotePort = 0 } = socket.setNoDelay(true);
    connections++;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port: ownPort } = server.address() as AddressInfo;
  const delayed = roundTripMs > 0 ? await startDelay(ownPort, roundTripMs) : undefined;
  server.unref();
  delayed?.server.unref();
  return {
    directoryUrl: `https://127.0.0.1:${delayed?.port ?? ownPort}${target.pathname}`,
    rootCertificate: listener.root,
    requests,
    connections: () => connections,
    count,
    counts: () => {
      const byKind: Record<string, number> = {};
      for (const { method, kind } of requests) {
        byKind[`${method} ${kind}`] = (byKind[`${method} ${kind}`] ?? 0) + 1;
      }
      return byKind;
    },
    stop: async () => {
      const closed = [server, ...(delayed === undefined ? [] : [delayed.server])].map((one) => {
        one.close();
        return once(one, 'close');
      });
      for (const socket of [...sockets.values(), ...(delayed?.sockets ?? [])]) {
        socket.destroy();
      }
      agent.destroy();
      await Promise.all(closed);
      removeFolder(folder);
    },
  };
}

async function forward(options: RequestOptions, body: Buffer) {
  const sent = request(options);
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
}
