// Keeps certificate/action.yml the same action as action.yml at the root: a reusable workflow can only name an action
// of its own repository that lives in a folder. With --check it only tells whether they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const target = path.join(root, 'certificate', 'action.yml');
const note = '# Made from ../action.yml by scripts/sync-actions.mjs: change it there.\n';
const wanted = note + readFileSync(path.join(root, 'action.yml'), 'utf8').replaceAll(': dist/', ': ../dist/');

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== wanted) {
    console.error('certificate/action.yml differs from action.yml. Run: npm run build');
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, wanted);
}
