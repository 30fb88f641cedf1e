// Tries a DNS script on this machine as the check action does: npm run check -- --exec-path ./dns.sh example.com
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

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

const { inputs, names, fault } = parseArguments(process.argv.slice(2));
if (fault !== undefined || names.length === 0) {
  console.error(fault === undefined ? usage : `${fault}\n\n${usage}`);
  process.exit(fault === undefined && process.argv.includes('--help') ? 0 : 2);
}

const dist = path.join(import.meta.dirname, '..', 'dist');
const temp = mkdtempSync(path.join(tmpdir(), 'acme-exec-check-'));
const stateFile = path.join(temp, 'state');
writeFileSync(stateFile, '');
const environment = {
  ...process.env,
  RUNNER_TEMP: temp,
  GITHUB_STATE: stateFile,
  GITHUB_OUTPUT: '',
  GITHUB_STEP_SUMMARY: '',
  // npm runs scripts in its own folder; the script's path is relative to where the command was typed.
  GITHUB_WORKSPACE: process.env.INIT_CWD ?? process.cwd(),
  INPUT_DOMAINS: names.join(' '),
  ...Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  ),
};
// Ctrl-C reaches the check itself as well, which cleans up.
process.on('SIGINT', () => {});
try {
  process.exitCode = await run(path.join(dist, 'check', 'index.js'), environment);
  const journal = /\n(.*journal.*\.jsonl)\n/.exec(readFileSync(stateFile, 'utf8'))?.[1];
  await run(
    path.join(dist, 'post', 'index.js'),
    { ...environment, STATE_journal: journal ?? '' },
    /left to clean up/,
  );
} finally {
  rmSync(temp, { recursive: true, force: true });
}

/**
 * @param {string[]} words
 * @returns {{ inputs: Record<string, string>, names: string[], fault?: string }}
 */
function parseArguments(words) {
  /** @type {Record<string, string>} */
  const inputs = {};
  const names = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    const [option, value = words[index + 1]] = word.split(/=(.*)/s);
    if (word === '--help') {
      return { inputs, names: [] };
    }
    if (!word.startsWith('--')) {
      names.push(word);
    } else if (!options.includes(option.slice(2)) || value === undefined) {
      return { inputs, names, fault: `${option} is no option, or has no value.` };
    } else {
      inputs[option.slice(2)] = value;
      index += word.includes('=') ? 0 : 1;
    }
  }
  return { inputs, names };
}

/**
 * Runs a bundle and shows its lines as a person reads them.
 *
 * @param {string} bundle
 * @param {NodeJS.ProcessEnv} environment
 * @param {RegExp} [hidden]
 * @returns {Promise<number>} the exit code
 */
async function run(bundle, environment, hidden) {
  const child = spawn(process.execPath, [bundle], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  for await (const line of createInterface({ input: child.stdout })) {
    const shown = readable(line);
    if (shown !== undefined && !hidden?.test(shown)) {
      console.log(shown);
    }
  }
  return ended;
}

/** @param {string} line @returns {string | undefined} */
function readable(line) {
  const [, command, properties = '', message] = /^::(\w[\w-]*)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  if (command === undefined) {
    return line.trim() === '' ? undefined : line;
  }
  if (command === 'add-mask' || command === 'debug' || command === 'save-state' || command === 'set-output') {
    return undefined;
  }
  const text = message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
  const title = /^title=(.*)$/.exec(properties)?.[1] ?? '';
  return `${command.toUpperCase()}: ${title.replaceAll('%3A', ':').replaceAll('%2C', ',')}\n${text}`;
}
