// Line coverage of src/ by the unit tests and by those system tests that go through every part of a run. They run the
// source itself here, not dist/. Fails below the limit.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const limit = 95;
const system = [
  'check',
  'current-certificate',
  'ordering',
  'persistent-record',
  'propagation-values',
  'refusal',
  'renewal',
  'revoke',
];
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-concurrency=2',
    '--experimental-test-coverage',
    '--test-coverage-include=src/**',
    `--test-coverage-lines=${limit}`,
    'test/unit/**/*.test.ts',
    ...system.map((name) => `test/system/${name}.test.ts`),
  ],
  {
    cwd: path.join(import.meta.dirname, '..'),
    env: { ...process.env, ACME_EXEC_ENTRY: 'src' },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
