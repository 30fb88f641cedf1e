// The test tools that are written in Go, each at a pinned version, installed once into a cache folder.
// Runs without dependencies on Node 20 or newer: the demo uses it on a fresh clone.
import { spawn } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const suffix = process.platform === 'win32' ? '.exe' : '';

/** @type {Readonly<Record<string, { source: string, version: string }>>} */
export const goTools = {
  pebble: { source: 'github.com/letsencrypt/pebble/v2/cmd/pebble', version: 'v2.10.1' },
  'pebble-challtestsrv': {
    source: 'github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv',
    version: 'v2.10.1',
  },
  'step-ca': { source: 'github.com/smallstep/certificates/cmd/step-ca', version: 'v0.30.2' },
  act: { source: 'github.com/nektos/act', version: 'v0.2.89' },
  actionlint: { source: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.12' },
};

/**
 * The path of a tool's program; the first call installs it with `go install`.
 *
 * @param {string} name One of `goTools`.
 * @param {{ log?: (line: string) => void }} [options] `log` hears when an installation starts, as it takes a while.
 * @returns {Promise<string>}
 */
export async function goTool(name, { log = () => {} } = {}) {
  const pinned = goTools[name];
  if (pinned === undefined) {
    throw new Error(`No Go tool is called ${name}. Known: ${Object.keys(goTools).join(', ')}.`);
  }
  const cache = path.resolve(process.env.ACME_EXEC_CACHE || path.join(repository, '.cache', 'go-bin'));
  const folder = path.join(cache, `${name}@${pinned.version}`);
  const program = path.join(folder, name + suffix);
  if (await exists(program)) {
    return program;
  }
  log(`Installing ${name} ${pinned.version} with go install, once, into ${cache}`);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(path.join(cache, `.${name}-`));
  try {
    await goInstall(`${pinned.source}@${pinned.version}`, unfinished);
    await publish(unfinished, folder, program);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return program;
}

/**
 * Renames the finished folder to its final name. Another process may have been faster; its program is as good.
 *
 * @param {string} unfinished
 * @param {string} folder
 * @param {string} program
 */
async function publish(unfinished, folder, program) {
  // A temporary folder is for its maker alone; a cache may serve other users as well.
  await chmod(unfinished, 0o755);
  try {
    await rename(unfinished, folder);
  } catch (error) {
    if (!(await exists(program))) {
      throw error;
    }
  }
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

/**
 * @param {string} source A package with its version.
 * @param {string} folder Where its program goes.
 * @returns {Promise<void>}
 */
function goInstall(source, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['install', source], {
      // Outside of the repository, and without flags for another module (-mod=vendor), which would break it.
      cwd: folder,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      reject(
        error.code === 'ENOENT'
          ? new Error(
              `Go is needed to build ${source}, and no go is on PATH. Install Go 1.24 or newer (https://go.dev/dl/, or your system's package: golang-go, golang, go) and run again.`,
            )
          : error,
      ),
    );
    child.on('close', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`go install ${source} failed (${signal ?? `exit code ${code}`}):\n${output}`)),
    );
  });
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  try {
    for (const name of names.length > 0 ? names : Object.keys(goTools)) {
      console.log(`${name}: ${await goTool(name, { log: console.error })}`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
