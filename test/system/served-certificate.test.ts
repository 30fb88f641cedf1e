import assert from 'node:assert/strict';
import { chmodSync, chownSync, copyFileSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { Failure } from '../../src/failure.ts';
import { readServedCertificate, type ServedAt } from '../../src/tls/served-certificate.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { makeCertificate } from '../rig/made-certificates.ts';
import { freePort } from '../rig/ports.ts';
import { listens, run, startServer } from '../rig/process.ts';
import { requiredTool, skipUnless, tool } from '../rig/tools.ts';

/**
 * Reads certificates from the servers that speak the three clear-text protocols in earnest. They run in the foreground on
 * loopback, with all their files in a temporary folder, and never as root: two of the three refuse to.
 */

const made = await makeCertificate({ name: 'mail.example.com', daysLeft: -1 });
const isRoot = process.getuid?.() === 0;
/** The user and group `nobody` of Debian. */
const nobody = 65_534;
const user = isRoot
  ? { name: 'nobody', group: 'nogroup' }
  : { name: userInfo().username, group: (await run('id', ['-gn'])).trim() };

/** Folder and files that a server of the unprivileged user can read. */
function serverFolder(purpose: string): { folder: string; certificate: string; key: string } {
  const folder = temporaryFolder(purpose);
  const certificate = path.join(folder, 'cert.pem');
  const key = path.join(folder, 'key.pem');
  writeFileSync(certificate, made.certificatePem);
  writeFileSync(key, made.keyPem, { mode: 0o600 });
  handOver(folder, certificate, key);
  return { folder, certificate, key };
}

function handOver(...files: readonly string[]): void {
  if (isRoot) {
    for (const file of files) {
      chownSync(file, nobody, nobody);
    }
  }
}

/** A command line that runs a program without root's rights. */
function unprivileged(program: string, args: readonly string[]): { command: string; args: string[] } {
  const ids = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];
  return isRoot
    ? { command: requiredTool('setpriv'), args: [...ids, '--pdeathsig', 'KILL', '--', program, ...args] }
    : { command: program, args: [...args] };
}

async function start(
  t: TestContext,
  name: string,
  port: number,
  [program, ...args]: [string, ...string[]],
  folder: string,
): Promise<void> {
  const server = await startServer({
    name,
    ...unprivileged(program, args),
    cwd: folder,
    ready: () => listens(port),
  });
  t.after(() => server.stop());
}

function read(scheme: ServedAt['scheme'], port: number): Promise<string> {
  const { signal } = new AbortController();
  return readServedCertificate({ scheme, host: 'localhost', port }, { timeout: 10_000, signal });
}

/** A program of PostgreSQL's server; Debian has them in a folder of their version, outside PATH. */
function postgresTool(name: string): string | undefined {
  return tool(name) ?? globSync(`/usr/lib/postgresql/*/bin/${name}`).sort().at(-1);
}

function whyNoPostgres(): string | false {
  return postgresTool('initdb') === undefined ? skipUnless('initdb') : false;
}

suite('a real PostgreSQL', { skip: whyNoPostgres() }, () => {
  async function startPostgres(t: TestContext, ssl: 'on' | 'off'): Promise<number> {
    const { folder, certificate, key } = serverFolder('postgres');
    const data = path.join(folder, 'data');
    const setUp = ['-D', data, '-A', 'trust', '-U', 'tester', '--no-sync', '--locale', 'C'];
    const { command, args } = unprivileged(postgresTool('initdb') ?? '', setUp);
    await run(command, args);
    const port = await freePort();
    const settings = { ssl, ssl_cert_file: certificate, ssl_key_file: key, fsync: 'off' };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const place = ['-D', data, '-k', folder, '-h', '127.0.0.1', '-p', String(port)];
    await start(t, 'PostgreSQL', port, [postgresTool('postgres') ?? '', ...place, ...options], folder);
    return port;
  }

  test('shows its certificate', async (t) => {
    const port = await startPostgres(t, 'on');
    assert.equal(await read('postgres', port), made.certificatePem);
  });

  test('without TLS is told', async (t) => {
    const port = await startPostgres(t, 'off');
    await assert.rejects(read('postgres', port), (error) => {
      assert.ok(error instanceof Failure);
      assert.match(error.message, new RegExp(`^localhost:${port} offers no TLS`));
      return true;
    });
  });
});

suite('a real IMAP server (Dovecot)', { skip: skipUnless('dovecot') }, () => {
  test('shows its certificate', async (t) => {
    const { folder, certificate, key } = serverFolder('dovecot');
    const port = await freePort();
    const configuration = path.join(folder, 'dovecot.conf');
    writeFileSync(
      configuration,
      `
      protocols = imap
      listen = 127.0.0.1
      base_dir = ${folder}/run
      state_dir = ${folder}/state
      log_path = /dev/stderr
      default_internal_user = ${user.name}
      default_login_user = ${user.name}
      default_internal_group = ${user.group}
      ssl = yes
      ssl_cert = <${certificate}
      ssl_key = <${key}
      passdb {
        driver = static
        args = password=unused
      }
      service anvil {
        chroot =
      }
      service imap-login {
        chroot =
        inet_listener imap {
          port = ${port}
        }
        inet_listener imaps {
          port = 0
        }
      }
      `,
    );
    await start(t, 'Dovecot', port, [requiredTool('dovecot'), '-F', '-c', configuration], folder);
    assert.equal(await read('imap', port), made.certificatePem);
  });
});

suite('a real SMTP server (Exim)', { skip: skipUnless('exim4') }, () => {
  test('shows its certificate', async (t) => {
    const { folder, certificate, key } = serverFolder('exim');
    const port = await freePort();
    // A copy is not set-user-ID root, as the installed program is.
    const program = path.join(folder, 'exim');
    copyFileSync(requiredTool('exim4'), program);
    chmodSync(program, 0o755);
    const spool = path.join(folder, 'spool');
    mkdirSync(spool);
    const configuration = path.join(folder, 'exim.conf');
    writeFileSync(
      configuration,
      `
      exim_path = ${program}
      exim_user = ${user.name}
      exim_group = ${user.group}
      spool_directory = ${spool}
      log_file_path = ${folder}/%slog
      pid_file_path = ${folder}/exim.pid
      primary_hostname = mail.example.com
      keep_environment =
      tls_advertise_hosts = *
      tls_certificate = ${certificate}
      tls_privatekey = ${key}
      `,
    );
    handOver(spool, configuration);
    await start(t, 'Exim', port, [program, '-C', configuration, '-bdf', '-oX', `127.0.0.1:${port}`], folder);
    assert.equal(await read('smtp', port), made.certificatePem);
  });
});
