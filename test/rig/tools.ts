import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';

/** What Debian calls the package of a program, where it is not the program's own name. */
const packages: Readonly<Record<string, string>> = {
  named: 'bind9',
  rndc: 'bind9',
  'named-checkconf': 'bind9-utils',
  knotd: 'knot',
  knotc: 'knot',
  pdns_server: 'pdns-server',
  dig: 'bind9-dnsutils',
  nsupdate: 'bind9-dnsutils',
  setpriv: 'util-linux',
  keytool: 'default-jre-headless',
  dovecot: 'dovecot-imapd',
  exim4: 'exim4-daemon-light',
  initdb: 'postgresql',
  aws: 'awscli',
  moto_server: 'none; pip install moto[server]',
  nginx: 'nginx-light',
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  go: 'golang-go',
};

/** What a test can need beside programs. */
const capabilities: Readonly<Record<string, () => string | undefined>> = {
  'port 53': once(whyNoPort53),
  'IPv6 loopback': once(whyNoIpv6),
};

const found = new Map<string, string | undefined>();

/** The path of a program of the system, or undefined. Name servers live in folders that not every user's PATH has. */
export function tool(name: string): string | undefined {
  if (!found.has(name)) {
    const folders = [
      ...(process.env.PATH ?? '').split(path.delimiter),
      '/usr/local/sbin',
      '/usr/sbin',
      '/sbin',
    ];
    const candidates = folders.filter(Boolean).map((folder) => path.join(folder, name));
    found.set(name, candidates.find(isProgram));
  }
  return found.get(name);
}

/** The path of a program of the system, which has to be there: tests ask `skipUnless` before. */
export function requiredTool(name: string): string {
  const program = tool(name);
  if (program === undefined) {
    throw new Error(missing(name));
  }
  return program;
}

/**
 * For `skip` of node:test: false when all is there, else the reason, which names the Debian package to install. Programs
 * by their names, and `'port 53'` and `'IPv6 loopback'`. Where CI is set, something missing is an error: a test that
 * never runs anywhere proves nothing.
 */
export function skipUnless(...needs: string[]): string | false {
  const reasons = needs.map((need) => {
    const capability = capabilities[need];
    return capability === undefined ? (tool(need) === undefined ? missing(need) : undefined) : capability();
  });
  const reason = reasons.filter((text) => text !== undefined).join(' ');
  if (reason === '') {
    return false;
  }
  if (process.env.CI === 'true') {
    throw new Error(`A test cannot run: ${reason}`);
  }
  return reason;
}

function missing(name: string): string {
  return `${name} is missing (Debian package ${packages[name] ?? name}).`;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** In a process of its own, as only that can wait for a socket without a promise. At an address that no other asks for. */
function whyNoPort53(): string | undefined {
  const attempt = `require('node:dgram').createSocket('udp4').on('error', (error) => {
    console.log(error.message); process.exit(1); }).bind(53, '127.127.' + process.pid % 256 + '.' + (1 + (process.pid >> 8) % 254), () => process.exit())`;
  const { status, stdout } = spawnSync(process.execPath, ['-e', attempt], { encoding: 'utf8' });
  return status === 0
    ? undefined
    : `Port 53 cannot be bound on loopback (${stdout.trim()}): run as root, or allow it with sysctl -w net.ipv4.ip_unprivileged_port_start=53.`;
}

function whyNoIpv6(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.some(({ address }) => address === '::1')
    ? undefined
    : 'There is no IPv6 loopback address.';
}

function once<Answer>(ask: () => Answer): () => Answer {
  let asked: { answer: Answer } | undefined;
  return () => {
    asked ??= { answer: ask() };
    return asked.answer;
  };
}
