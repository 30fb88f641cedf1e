// Tries a DNS script on this machine as the check action does: npm run check -- --exec-path ./dns.sh example.com
import { parseArgs } from 'node:util';
import { Step } from './runner/bundle.mjs';

const options = [
  'exec-path',
  'exec-mode',
  'exec-delimiter',
  'exec-polling-interval',
  'exec-propagation-timeout',
  'exec-concurrency',
  'exec-time-limit',
  'dns-resolvers',
];
const usage = `Usage: npm run check -- --exec-path ./dns.sh [options] NAME…

Sets two random TXT values at _acme-challenge.NAME with the script, watches every authoritative
name server, and removes them again. The script gets this shell's environment.

Options: ${options.map((name) => `--${name}`).join(' ')}`;

const { values, positionals } = readArguments();
if (values.help || positionals.length === 0) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const { help: _, ...inputs } = values;
const step = new Step(
  { ...inputs, domains: positionals.join(' ') },
  // npm runs scripts in its own folder; the script's path is relative to where the command was typed.
  { ...process.env, GITHUB_WORKSPACE: process.env.INIT_CWD ?? process.cwd() },
);
// Ctrl-C reaches the check itself as well, which cleans up.
process.on('SIGINT', () => {});
try {
  process.exitCode = await step.run('check');
  await step.run('post', { state: step.values('STATE'), show: showUnlessIdle });
} finally {
  step.remove();
}

function readArguments() {
  const strings = Object.fromEntries(
    options.map((name) => [name, { type: /** @type {const} */ ('string') }]),
  );
  try {
    return parseArgs({ options: { ...strings, help: { type: 'boolean' } }, allowPositionals: true });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

/** @param {string} line */
function showUnlessIdle(line) {
  if (!line.startsWith('No DNS record was left')) {
    console.log(line);
  }
}
