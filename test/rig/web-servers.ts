import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from 'node:tls';
import { temporaryFolder } from './folder.ts';
import { makeCertificate } from './made-certificates.ts';
import { freePort } from './ports.ts';
import { listens, run, startServer } from './process.ts';
import { requiredTool } from './tools.ts';

/** A web server that serves a certificate of its own until it gets another. */
export interface WebServer {
  readonly port: number;
  /** Where its certificate files are. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts nginx with `fullchain.pem` and `privkey.pem` of its folder. `command` tests and reloads it. */
export async function startNginx(): Promise<WebServer & { command: string }> {
  const folder = await folderWithCertificate();
  const port = await freePort();
  const configuration = path.join(folder, 'nginx.conf');
  writeFileSync(
    configuration,
    `pid ${folder}/nginx.pid; error_log stderr; daemon off;
events {}
http {
  access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/fullchain.pem; ssl_certificate_key ${folder}/privkey.pem;
  }
}
`,
  );
  const args = ['-c', configuration, '-p', folder];
  const server = await startServer({
    name: 'nginx',
    command: requiredTool('nginx'),
    args,
    ready: () => listens(port),
  });
  const command = `${requiredTool('nginx')} ${args.join(' ')}`;
  return { port, folder, command, stop: () => server.stop() };
}

/** Starts HAProxy with `haproxy.pem` of its folder, and a runtime API at `socket`. */
export async function startHaproxy(): Promise<WebServer & { socket: string; file: string }> {
  const folder = await folderWithCertificate();
  const port = await freePort();
  const file = path.join(folder, 'haproxy.pem');
  const socket = path.join(folder, 'api.sock');
  writeFileSync(
    file,
    ['fullchain.pem', 'privkey.pem'].map((name) => readFileSync(path.join(folder, name))).join(''),
  );
  const configuration = path.join(folder, 'haproxy.cfg');
  writeFileSync(
    configuration,
    `global
  stats socket ${socket} level admin
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend tls
  bind 127.0.0.1:${port} ssl crt ${file}
  http-request return status 200
`,
  );
  const server = await startServer({
    name: 'haproxy',
    command: requiredTool('haproxy'),
    args: ['-db', '-f', configuration],
    ready: () => listens(port),
  });
  return { port, folder, socket, file, stop: () => server.stop() };
}

/** Starts an SSH server for the user who runs the tests. */
export async function startSsh(): Promise<{
  port: number;
  clientKey: string;
  knownHost: string;
  stop(): Promise<void>;
}> {
  const folder = temporaryFolder('ssh');
  chmodSync(folder, 0o700);
  const port = await freePort();
  for (const name of ['host', 'client']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(folder, name)]);
  }
  const configuration = path.join(folder, 'sshd_config');
  writeFileSync(
    configuration,
    `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/client.pub
PidFile ${folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
`,
  );
  if (process.getuid?.() === 0) {
    // Where sshd separates its privileges; the package makes it when its service starts.
    mkdirSync('/run/sshd', { recursive: true });
  }
  const server = await startServer({
    name: 'sshd',
    command: requiredTool('sshd'),
    args: ['-D', '-e', '-f', configuration],
    ready: () => listens(port),
  });
  const hostKey = readFileSync(path.join(folder, 'host.pub'), 'utf8').trim();
  return {
    port,
    clientKey: readFileSync(path.join(folder, 'client'), 'utf8'),
    knownHost: `[127.0.0.1]:${port} ${hostKey}`,
    stop: () => server.stop(),
  };
}

/** The subject alternative names of the certificate that a port serves. */
export function servedNames(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.subjectAltName ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

async function folderWithCertificate(): Promise<string> {
  const folder = temporaryFolder('web');
  const { certificatePem, keyPem } = await makeCertificate({ name: 'before.example' });
  writeFileSync(path.join(folder, 'fullchain.pem'), certificatePem);
  writeFileSync(path.join(folder, 'privkey.pem'), keyPem);
  return folder;
}
