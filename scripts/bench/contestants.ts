import path from 'node:path';
import { removeFolder, temporaryFolder } from '../../test/rig/folder.ts';
import { tool } from '../../test/rig/tools.ts';
import { type Measurement, measure } from './measure.ts';

/** Where an order goes. */
export interface Course {
  directoryUrl: string;
  /** Path of the PEM of the root that signed the CA's own certificate. */
  rootCertificate: string;
  dnsServer: string;
  nameServerApi: string;
  domains: readonly string[];
}

/** A program that obtains certificates. */
export interface Contestant {
  name: string;
  /** What it does differently, for the table. */
  note: string;
  /** More names than this take it too long to be worth the wait. */
  mostNames: number;
  /** Undefined when it is not installed. */
  run: ((course: Course) => Promise<Measurement>) | undefined;
}

const repository = path.join(import.meta.dirname, '..', '..');
const script = path.join(import.meta.dirname, 'dns.sh');

export const contestants: readonly Contestant[] = [
  { name: 'acme-exec', note: 'checks propagation', mostNames: 1000, run: (course) => runAction(course) },
  {
    name: 'acme-client auto',
    note: 'checks no propagation, starts all scripts at once',
    mostNames: 1000,
    run: (course) =>
      measure(
        process.execPath,
        [
          path.join(import.meta.dirname, 'auto.mjs'),
          ...[course.directoryUrl, course.rootCertificate, script, ...course.domains],
        ],
        { CHALLTESTSRV: course.nameServerApi },
      ),
  },
  {
    name: 'certbot',
    note: 'manual hooks, checks no propagation',
    mostNames: 100,
    run: tool('certbot') ? runCertbot : undefined,
  },
  {
    name: 'lego',
    note: 'exec provider, one name after another, 1 s between them, propagation check off',
    mostNames: 10,
    run: tool('lego') ? runLego : undefined,
  },
];

/** Runs the bundle as a step, with inputs that lead it over the course, and more in upper case. */
export async function runAction(course: Course, more: Record<string, string> = {}): Promise<Measurement> {
  const temp = temporaryFolder('bench');
  const inputs = {
    DOMAINS: course.domains.join(' '),
    'AGREE-TOS': 'true',
    SERVER: course.directoryUrl,
    'CA-CERTIFICATES': course.rootCertificate,
    'EXEC-PATH': script,
    'DNS-RESOLVERS': course.dnsServer,
    ...more,
  };
  try {
    return await measure(process.execPath, [path.join(repository, 'dist', 'main', 'index.js')], {
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value])),
      RUNNER_TEMP: temp,
      GITHUB_WORKSPACE: repository,
      CHALLTESTSRV: course.nameServerApi,
    });
  } finally {
    removeFolder(temp);
  }
}

async function runCertbot(course: Course): Promise<Measurement> {
  const folder = temporaryFolder('bench');
  try {
    return await measure(
      tool('certbot') as string,
      [
        ...['certonly', '--non-interactive', '--agree-tos', '--email', 'bench@example.com', '--no-eff-email'],
        ...['--manual', '--preferred-challenges', 'dns', '--manual-auth-hook', script],
        ...['--manual-cleanup-hook', script, '--server', course.directoryUrl, '--cert-name', 'bench'],
        ...['--config-dir', folder, '--work-dir', folder, '--logs-dir', folder],
        ...course.domains.flatMap((domain) => ['-d', domain]),
      ],
      { CHALLTESTSRV: course.nameServerApi, REQUESTS_CA_BUNDLE: course.rootCertificate },
    );
  } finally {
    removeFolder(folder);
  }
}

async function runLego(course: Course): Promise<Measurement> {
  const folder = temporaryFolder('bench');
  try {
    return await measure(
      tool('lego') as string,
      [
        ...[
          '--server',
          course.directoryUrl,
          '--accept-tos',
          '--email',
          'bench@example.com',
          '--path',
          folder,
        ],
        ...['--dns', 'exec', '--dns.disable-cp', '--dns.resolvers', course.dnsServer],
        ...[...course.domains.flatMap((domain) => ['--domains', domain]), 'run'],
      ],
      {
        CHALLTESTSRV: course.nameServerApi,
        LEGO_CA_CERTIFICATES: course.rootCertificate,
        EXEC_PATH: script,
        EXEC_SEQUENCE_INTERVAL: '1',
        EXEC_POLLING_INTERVAL: '1',
      },
    );
  } finally {
    removeFolder(folder);
  }
}
