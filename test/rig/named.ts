import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeFolder, temporaryFolder } from './folder.ts';
import { freePort } from './ports.ts';
import { run, type ServerProcess, startServer } from './process.ts';
import { requiredTool } from './tools.ts';

export interface NamedStart {
  readonly address: string;
  readonly port: number;
  /** Statements inside of `options { … }`. */
  readonly options: readonly string[];
  /** Statements beside it: zones and keys. */
  readonly statements: readonly string[];
  /** Files of the working folder, by name. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Named {
  readonly log: readonly string[];
  /** Runs an rndc command. */
  control(...command: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts BIND's server with all its files in a folder of its own, listening on one address. */
export async function startNamed(start: NamedStart): Promise<Named> {
  const folder = temporaryFolder('named');
  const controlPort = await freePort();
  const relayed = !(start.address === '127.0.0.1' || start.address === '::1');
  const port = relayed ? await freePort() : start.port;
  const listen = `port ${port} { ${relayed ? '127.0.0.1' : start.address}; };`;
  const key = `key "rndc" { algorithm hmac-sha256; secret "${randomBytes(32).toString('base64')}"; };`;
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`, { mode: 0o600 });
  write('named.conf', [
    'options {',
    `directory "${folder}"; pid-file "named.pid"; session-keyfile "session.key";`,
    ...(knowsLockFile(folder) ? ['lock-file none;'] : []),
    start.address === '::1'
      ? `listen-on { none; }; listen-on-v6 ${listen}`
      : `listen-on ${listen} listen-on-v6 { none; };`,
    'empty-zones-enable no; dnssec-validation no;',
    ...start.options,
    '};',
    key,
    `controls { inet 127.0.0.1 port ${controlPort} allow { 127.0.0.1; } keys { "rndc"; }; };`,
    ...start.statements,
  ]);
  write('rndc.conf', [
    key,
    `options { default-key "rndc"; default-server 127.0.0.1; default-port ${controlPort}; };`,
  ]);
  for (const [name, text] of Object.entries(start.files)) {
    write(name, [text]);
  }
  const servers: ServerProcess[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    removeFolder(folder);
  };
  try {
    servers.push(
      await startServer({
        name: `named at ${start.address}`,
        command: unconfined(requiredTool('named'), folder),
        args: ['-g', '-n', '1', '-c', path.join(folder, 'named.conf')],
        cwd: folder,
        ready: / running$/,
      }),
    );
    if (relayed) {
      servers.push(await startRelay(start.address, start.port, port));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    log: servers[0]?.lines ?? [],
    control: (...command) => run(requiredTool('rndc'), ['-c', path.join(folder, 'rndc.conf'), ...command]),
    stop,
  };
}

function startRelay(address: string, port: number, target: number): Promise<ServerProcess> {
  return startServer({
    name: `the relay at ${address}`,
    command: process.execPath,
    args: [path.join(import.meta.dirname, 'relay.ts'), address, String(port), String(target)],
    ready: /^ready$/,
  });
}

/** Newer versions of BIND have no lock file, and refuse the option. */
function knowsLockFile(folder: string): boolean {
  const file = path.join(folder, 'lock-file.conf');
  writeFileSync(file, 'options { lock-file none; };');
  return spawnSync(requiredTool('named-checkconf'), [file]).status === 0;
}

/** Where AppArmor confines named to the system's folders, it does so by its path: a copy is free. */
function unconfined(program: string, folder: string): string {
  if (!existsSync('/etc/apparmor.d/usr.sbin.named')) {
    return program;
  }
  const copy = path.join(folder, 'named');
  copyFileSync(program, copy);
  return copy;
}
