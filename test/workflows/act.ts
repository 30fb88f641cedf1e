import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { goTool } from '../../scripts/toolchain/go-tools.mjs';
import { repository } from '../rig/action-metadata.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { endWithTests, run } from '../rig/process.ts';

/** How users name the action in their workflows. */
export const actionReference = 'OWNER/acme-exec@v1';

export interface ActRun {
  /** The repository whose workflow is run. */
  readonly folder: string;
  /** The workflow's file, relative to the repository. */
  readonly workflow: string;
  readonly event?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables of every step, as an organisation's runner may have them. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that stands in for `actionReference`. */
  readonly action?: string;
  /** A folder for the cache that GitHub would keep; without, there is no cache. */
  readonly cache?: string;
}

export interface ActResult {
  readonly exitCode: number | null;
  readonly log: string;
}

/**
 * Runs a workflow on this machine, without containers.
 *
 * What differs from GitHub: `actions/checkout` copies the repository instead of fetching it, `concurrency` and
 * `environment` are not looked at, and all jobs that do not need each other run at once.
 */
export async function runAct({
  folder,
  workflow,
  event,
  secrets,
  env,
  action,
  cache,
}: ActRun): Promise<ActResult> {
  const home = temporaryFolder('act');
  const names = Object.keys(secrets ?? {});
  const args = [
    event ?? 'workflow_dispatch',
    ...['--workflows', workflow],
    ...['--platform', 'ubuntu-latest=-self-hosted'],
    ...['--action-cache-path', path.join(home, 'cache')],
    ...['--concurrent-jobs', '8'],
    ...(cache === undefined
      ? ['--no-cache-server']
      : ['--cache-server-addr', '127.0.0.1', '--cache-server-path', cache]),
    ...names.flatMap((name) => ['--secret', name]),
    ...Object.entries(env ?? {}).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...(action === undefined ? [] : ['--local-repository', `${actionReference}=${action}`]),
  ];
  const child = spawn(await goTool('act'), args, {
    cwd: folder,
    // JavaScript actions are run by the node that is found first: the one that runs the tests.
    env: {
      PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
      HOME: home,
      ...secrets,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, log };
}

/** A repository of a user, with one commit. Files that start with `#!` get the run bit. */
export async function userRepository(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder('repository');
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (content.startsWith('#!')) {
      chmodSync(file, 0o755);
    }
  }
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await run('git', ['-C', folder, 'init', '--quiet', '--initial-branch=main']);
  await run('git', ['-C', folder, 'add', '--all']);
  await run('git', ['-C', folder, ...identity, 'commit', '--quiet', '--allow-empty', '--message', 'Start']);
  return folder;
}

/** A copy of what the action's repository gives to its users, into a folder of its own unless one is given. */
export function copyOfAction(folder: string = temporaryFolder('action')): string {
  for (const part of ['action.yml', 'certificate', 'dist']) {
    cpSync(path.join(repository, part), path.join(folder, part), { recursive: true });
  }
  const workflows = path.join('.github', 'workflows');
  mkdirSync(path.join(folder, workflows), { recursive: true });
  // act 0.2.89 does not know `$/`, the workflow's own repository.
  const [name, version] = actionReference.split('@');
  for (const file of ['certificate.yml', 'certificate-commit.yml']) {
    const text = readFileSync(path.join(repository, workflows, file), 'utf8');
    writeFileSync(
      path.join(folder, workflows, file),
      text.replaceAll('uses: $/certificate', `uses: ${name}/certificate@${version}`),
    );
  }
  return folder;
}
