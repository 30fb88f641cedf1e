import type { FileKind } from './certificate/files.ts';
import { Failure } from './failure.ts';
import type { Log } from './log.ts';
import { stepEnvironment } from './script/environment.ts';
import { runProgram } from './script/run.ts';
import type { DeploySettings } from './settings/settings.ts';

/** What a deploy program is told of the new certificate. */
export interface Deployment {
  name: string;
  domains: readonly string[];
  directory: string;
  /** Absolute paths of the files that there are. */
  paths: Partial<Record<FileKind, string>>;
}

/** How long a deploy program may take, in seconds. */
const timeLimit = 1800;

/**
 * Runs the repository's deploy program with a new certificate.
 *
 * @throws Failure when it does not exit with 0; the files stay
 */
export async function deploy(
  settings: DeploySettings,
  deployment: Deployment,
  surroundings: {
    workspace: string;
    environment: NodeJS.ProcessEnv;
    log: Log;
    signal: AbortSignal;
  },
): Promise<void> {
  const result = await runProgram({
    program: settings.program,
    arguments: [],
    workingFolder: surroundings.workspace,
    environment: { ...stepEnvironment(surroundings.environment), ...deployEnvironment(deployment) },
    timeLimit,
    signal: surroundings.signal,
    onLine: (line) => surroundings.log.scriptLine('deploy', line),
  });
  if (result.ended !== 'by itself' || result.exitCode !== 0) {
    const how =
      result.exitCode === undefined
        ? `${result.ended} ${result.detail}`.trim()
        : `exit code ${result.exitCode}`;
    throw new Failure(
      'The certificate was not deployed',
      `${deployment.name}: ${settings.writtenPath} failed (${how}). The certificate and its key are in ${deployment.directory}.\nIts last lines:\n${result.lastLines.join('\n')}`,
      'Mend the deploy program, then run again: with a store the same certificate is deployed, without one a new one is ordered.',
    );
  }
}

function deployEnvironment({ name, domains, directory, paths }: Deployment): Record<string, string> {
  return {
    ACME_NAME: name,
    ACME_DOMAINS: domains.join(' '),
    ACME_DIRECTORY: directory,
    ACME_CERTIFICATE: paths.certificate ?? '',
    ACME_CHAIN: paths.chain ?? '',
    ACME_FULLCHAIN: paths.fullchain ?? '',
    ACME_PRIVATE_KEY: paths.privateKey ?? '',
  };
}
