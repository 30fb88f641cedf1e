import { Failure } from './failure.ts';
import type { Log } from './log.ts';
import { stepEnvironment } from './script/environment.ts';
import { runProgram } from './script/run.ts';
import type { DeploySettings } from './settings/settings.ts';

/** What a deploy program is told of the new certificate. */
export interface Deployment {
  name: string;
  domains: readonly string[];
  /** Absolute paths. */
  directory: string;
  certificate: string;
  chain: string;
  fullchain: string;
  privateKey: string;
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
      'Mend the deploy program, then run again.',
    );
  }
}

function deployEnvironment(deployment: Deployment): Record<string, string> {
  return {
    ACME_NAME: deployment.name,
    ACME_DOMAINS: deployment.domains.join(' '),
    ACME_DIRECTORY: deployment.directory,
    ACME_CERTIFICATE: deployment.certificate,
    ACME_CHAIN: deployment.chain,
    ACME_FULLCHAIN: deployment.fullchain,
    ACME_PRIVATE_KEY: deployment.privateKey,
  };
}
