import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { goTool } from '../../scripts/toolchain/go-tools.mjs';
import { throwawayCa } from '../../scripts/toolchain/throwaway-ca.mjs';
import { removeFolder, temporaryFolder } from './folder.ts';
import { loopbackHosts } from './listener-certificate.ts';
import { freePort } from './ports.ts';
import { listens, startServer } from './process.ts';

export interface StepCa {
  readonly directoryUrl: string;
  /** Path of the PEM of its root, which stands above its own HTTPS certificate and all that it issues. */
  readonly rootCertificate: string;
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** Starts a step-ca with an ACME provisioner for DNS-01 that validates with a resolver, `address:port`. */
export async function startStepCa({ resolver }: { resolver: string }): Promise<StepCa> {
  const program = await goTool('step-ca');
  const folder = temporaryFolder('step-ca');
  const port = await freePort();
  const root = throwawayCa('step-ca test root');
  const intermediate = root.intermediate('step-ca test intermediate');
  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const rootCertificate = write('root.pem', root.certificate);
  const configuration = write(
    'ca.json',
    JSON.stringify({
      root: rootCertificate,
      crt: write('intermediate.pem', intermediate.certificate),
      key: write('intermediate-key.pem', intermediate.key),
      address: `127.0.0.1:${port}`,
      dnsNames: loopbackHosts,
      logger: { format: 'text' },
      db: { type: 'bbolt', dataSource: path.join(folder, 'ca.db') },
      authority: { provisioners: [{ type: 'ACME', name: 'acme', challenges: ['dns-01'] }] },
    }),
  );
  const server = await startServer({
    name: 'step-ca',
    command: program,
    args: [configuration, '--resolver', resolver],
    cwd: folder,
    env: { HOME: folder, STEPPATH: folder },
    ready: () => listens(port),
  });
  return {
    directoryUrl: `https://127.0.0.1:${port}/acme/acme/directory`,
    rootCertificate,
    log: server.lines,
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}
