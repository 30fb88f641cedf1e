// The two servers of the demo, on free ports of 127.0.0.1: Pebble, a CA for tests, and challtestsrv, a name server that
// is told its records over HTTP.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { goTool } from '../toolchain/go-tools.mjs';
import { throwawayCa } from '../toolchain/throwaway-ca.mjs';

/** How long a server may take to listen, in milliseconds. */
const patience = 20_000;

/**
 * Starts both.
 *
 * @param {string} folder for their files
 * @param {(message: string) => void} log
 */
export async function startServers(folder, log) {
  const [pebble, challtestsrv] = [
    await goTool('pebble', { log }),
    await goTool('pebble-challtestsrv', { log }),
  ];
  const [caPort, managementPort, dnsPort, apiPort] = await freePorts(4);
  const authority = throwawayCa('acme-exec demo');
  const listener = authority.leaf(['localhost', '127.0.0.1']);
  const file = (/** @type {string} */ name, /** @type {string} */ content) => {
    writeFileSync(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const rootCertificate = file('listener-root.pem', authority.certificate);
  const configuration = {
    pebble: {
      listenAddress: `127.0.0.1:${caPort}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: file('listener.pem', listener.certificate),
      privateKey: file('listener.key', listener.key),
      httpPort: 5002,
      tlsPort: 5001,
    },
  };
  const nameServer = `127.0.0.1:${dnsPort}`;
  const children = [
    start(challtestsrv, [
      ...['-dnsserver', nameServer, '-management', `127.0.0.1:${apiPort}`, '-defaultIPv6', ''],
      ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''],
    ]),
    start(pebble, ['-config', file('pebble.json', JSON.stringify(configuration)), '-dnsserver', nameServer]),
  ];
  const stop = () => {
    for (const { child } of children) {
      child.kill('SIGKILL');
    }
  };
  process.once('exit', stop);
  await Promise.all([listens(apiPort, children[0]), listens(caPort, children[1])]);
  return {
    directoryUrl: `https://127.0.0.1:${caPort}/dir`,
    issuingRootUrl: `https://127.0.0.1:${managementPort}/roots/0`,
    rootCertificate,
    nameServer,
    nameServerApi: `http://127.0.0.1:${apiPort}`,
    stop,
  };
}

/** @param {string} program @param {string[]} args */
function start(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const lines = [];
  const keep = (/** @type {Buffer} */ octets) => {
    lines.push(octets.toString());
    lines.splice(0, lines.length - 20);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return { child, lines, name: path.basename(program) };
}

/** @param {number} port @param {ReturnType<typeof start>} server */
async function listens(port, { child, lines, name }) {
  const deadline = Date.now() + patience;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${name} did not start:\n${lines.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (/** @type {boolean} */ value) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
  });
}

/** @param {number} count @returns {Promise<number[]>} */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
