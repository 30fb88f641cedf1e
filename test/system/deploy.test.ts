import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { repository } from '../rig/action-metadata.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { freePort } from '../rig/ports.ts';
import { listens, startServer } from '../rig/process.ts';
import type { ActionResult } from '../rig/runner.ts';
import { requiredTool, skipUnless } from '../rig/tools.ts';
import { servedNames, startHaproxy, startNginx, startSsh } from '../rig/web-servers.ts';

let ca: InstantAuthority;
before(async () => {
  ca = await startInstantAuthority();
});
after(() => ca.stop());

/** Obtains a certificate and deploys it with one of the example programs. */
function deploy(program: string, env: Record<string, string>): Promise<ActionResult> {
  return ca.run(
    { domains: 'deployed.example', 'deploy-path': path.join(repository, 'examples', 'deploy', program) },
    { env },
  );
}

describe('A new certificate, on real servers', () => {
  test('is served by an nginx that is reached over ssh', {
    skip: skipUnless('nginx', 'sshd', 'ssh'),
  }, async () => {
    const nginx = await startNginx();
    const ssh = await startSsh();
    try {
      assert.equal(await servedNames(nginx.port), 'DNS:before.example');
      const result = await deploy('nginx-ssh.sh', {
        SSH_TARGET: `${process.env.USER ?? 'root'}@127.0.0.1`,
        SSH_PORT: String(ssh.port),
        SSH_KEY: ssh.clientKey,
        SSH_KNOWN_HOST: ssh.knownHost,
        TLS_FOLDER: nginx.folder,
        NGINX: nginx.command,
      });
      assert.equal(result.exitCode, 0, result.stdout);
      await becomes(() => servedNames(nginx.port), 'DNS:deployed.example');
    } finally {
      await ssh.stop();
      await nginx.stop();
    }
  });

  test('is served by a HAProxy that is told by its runtime API', {
    skip: skipUnless('haproxy', 'socat'),
  }, async () => {
    const haproxy = await startHaproxy();
    try {
      const env = { HAPROXY_SOCKET: `UNIX:${haproxy.socket}`, HAPROXY_FILE: haproxy.file };
      const result = await deploy('haproxy.sh', env);
      assert.equal(result.exitCode, 0, result.stdout);
      await becomes(() => servedNames(haproxy.port), 'DNS:deployed.example');
    } finally {
      await haproxy.stop();
    }
  });

  test('that HAProxy refuses fails the step with what it says', {
    skip: skipUnless('haproxy', 'socat'),
  }, async () => {
    const haproxy = await startHaproxy();
    try {
      const env = { HAPROXY_SOCKET: `UNIX:${haproxy.socket}`, HAPROXY_FILE: '/no/such/file.pem' };
      const result = await deploy('haproxy.sh', env);
      assert.match(result.annotations.at(-1)?.message ?? '', /HAProxy says: [\s\S]*\/no\/such\/file\.pem/);
    } finally {
      await haproxy.stop();
    }
  });
});

describe('A new certificate, at AWS by its own command line (moto stands in for AWS)', {
  skip: skipUnless('aws', 'moto_server'),
}, () => {
  test('is imported into Certificate Manager, and replaced there by the next one', async () => {
    const port = await freePort();
    const server = await startServer({
      name: 'moto_server',
      command: requiredTool('moto_server'),
      args: ['-H', '127.0.0.1', '-p', String(port)],
      ready: () => listens(port),
    });
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'eu-west-1',
      PATH: `${path.dirname(requiredTool('aws'))}:/usr/bin:/bin`,
    };
    try {
      const first = await deploy('aws-acm.sh', env);
      const arn = /arn:aws:acm:\S+/.exec(first.stdout)?.[0] ?? '';
      assert.equal(first.exitCode, 0, first.stdout);
      const second = await deploy('aws-acm.sh', { ...env, ACM_ARN: arn });
      assert.equal(second.exitCode, 0, second.stdout);
      const stored = await awsText(
        ['acm', 'get-certificate', '--certificate-arn', arn, '--query', 'Certificate'],
        env,
      );
      const leaf = new X509Certificate(readFileSync(second.outputs.certificate ?? ''));
      assert.equal(new X509Certificate(stored).serialNumber, leaf.serialNumber);
    } finally {
      await server.stop();
    }
  });

  async function awsText(args: readonly string[], env: Record<string, string>): Promise<string> {
    const { stdout } = await promisify(execFile)(requiredTool('aws'), [...args, '--output', 'text'], { env });
    return stdout;
  }
});

// The command lines of these services cannot run here: fakes of the same name record what they are called with.
describe('A new certificate, by the command line of a service (a fake of it)', () => {
  async function calls(tool: string, program: string, env: Record<string, string>): Promise<string[]> {
    const folder = temporaryFolder('fake');
    const log = path.join(folder, 'calls');
    mkdirSync(path.join(folder, 'bin'));
    const fake = path.join(folder, 'bin', tool);
    writeFileSync(
      fake,
      `#!/bin/sh\n{ echo "$*"; [ -t 0 ] || timeout 1 cat; } >>"${log}"\necho "kind: Secret"\n`,
    );
    chmodSync(fake, 0o755);
    const result = await deploy(program, { ...env, PATH: `${path.dirname(fake)}:/usr/bin:/bin` });
    assert.equal(result.exitCode, 0, result.stdout);
    return readFileSync(log, 'utf8').split('\n');
  }

  test('goes into two secrets of a repository by gh, the key by standard input', async () => {
    const lines = await calls('gh', 'github-secret.sh', {
      SECRETS_REPO: 'me/site',
      SECRETS_ENVIRONMENT: 'production',
    });
    const commands = lines.filter((line) => line.startsWith('secret'));
    assert.deepEqual(commands, [
      'secret set TLS_CERTIFICATE --repo me/site --env production',
      'secret set TLS_PRIVATE_KEY --repo me/site --env production',
    ]);
    assert.ok(lines.includes('-----BEGIN PRIVATE KEY-----'));
  });

  test('is imported into an Azure key vault by az', async () => {
    const [command] = await calls('az', 'azure-key-vault.sh', {
      VAULT_NAME: 'vault',
      VAULT_CERTIFICATE: 'site',
    });
    assert.match(
      command ?? '',
      /^keyvault certificate import --vault-name vault --name site --file \S+certificate\.pem/,
    );
  });

  test('is applied as a TLS secret by kubectl', async () => {
    const lines = await calls('kubectl', 'kubernetes.sh', { TLS_SECRET: 'site-tls', TLS_NAMESPACE: 'web' });
    assert.ok(
      lines.some((line) =>
        /^create secret tls site-tls --namespace web --cert \S+fullchain\.pem --key \S+privkey\.pem --dry-run=client/.test(
          line,
        ),
      ),
    );
    assert.ok(lines.includes('apply --filename -'));
    assert.ok(lines.includes('kind: Secret'));
  });

  test('is copied into a container by docker, which is then signalled', async () => {
    const lines = await calls('docker', 'docker-host.sh', { CONTAINER: 'web', TLS_FOLDER: '/tls' });
    assert.match(lines.join('\n'), /cp \S+privkey\.pem web:\/tls\/privkey\.pem[\s\S]*kill --signal HUP web/);
  });
});

describe('A new certificate, at the Cloudflare API (a fake of it)', () => {
  async function upload(
    token: string,
  ): Promise<{ result: ActionResult; requests: string[]; bodies: string[] }> {
    const requests: string[] = [];
    const bodies: string[] = [];
    const server = createServer(async (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      bodies.push(Buffer.concat(chunks).toString());
      const isAllowed = request.headers.authorization === 'Bearer right-token';
      response.statusCode = isAllowed ? 200 : 403;
      response.end(
        JSON.stringify({
          success: isAllowed,
          errors: isAllowed ? [] : [{ code: 10000, message: 'Authentication error' }],
        }),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const result = await deploy('cloudflare.sh', {
        CLOUDFLARE_API: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        CLOUDFLARE_TOKEN: token,
        CLOUDFLARE_ZONE: 'zone1',
        CLOUDFLARE_CERTIFICATE: 'cert1',
      });
      return { result, requests, bodies };
    } finally {
      server.close();
    }
  }

  test('replaces the custom certificate of a zone', async () => {
    const { result, requests, bodies } = await upload('right-token');
    assert.equal(result.exitCode, 0, result.stdout);
    assert.deepEqual(requests, ['PATCH /zones/zone1/custom_certificates/cert1']);
    const body = JSON.parse(bodies[0] ?? '');
    assert.match(body.certificate, /BEGIN CERTIFICATE/);
    assert.match(body.private_key, /BEGIN PRIVATE KEY/);
  });

  test('fails the step when the token is refused', async () => {
    const { result } = await upload('wrong-token');
    assert.equal(result.exitCode, 1);
    assert.equal(result.annotations.at(-1)?.title, 'The certificate was not deployed');
  });
});

/** Waits until a server shows what it should: while nginx reloads, its old workers answer now and then. */
async function becomes(look: () => Promise<string>, expected: string): Promise<void> {
  const deadline = Date.now() + 5000;
  let seen = await look();
  while (seen !== expected && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen = await look();
  }
  assert.equal(seen, expected);
}
