// Fails when dist/ is not what the source builds.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const fresh = mkdtempSync(path.join(tmpdir(), 'acme-exec-dist-'));
try {
  const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'build.mjs'), fresh], {
    stdio: 'inherit',
  });
  const differing = status === 0 ? differences(path.join(root, 'dist'), fresh) : ['the build failed'];
  if (differing.length > 0) {
    console.error(`dist/ is not what src/ builds (${differing.join(', ')}). Run: npm run build`);
    process.exitCode = 1;
  } else {
    console.log('dist/ is what src/ builds.');
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** @param {string} committed @param {string} built */
function differences(committed, built) {
  const names = new Set([...filesIn(committed), ...filesIn(built)]);
  return [...names].filter((name) => contentOf(committed, name) !== contentOf(built, name));
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

/** @param {string} folder @param {string} name */
function contentOf(folder, name) {
  try {
    return readFileSync(path.join(folder, name), 'latin1');
  } catch {
    return undefined;
  }
}
