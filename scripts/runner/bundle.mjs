// Runs a bundle of dist/ as GitHub's runner does, and shows what it says as a person reads it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const dist = path.join(import.meta.dirname, '..', '..', 'dist');
const commandFiles = ['OUTPUT', 'STATE', 'STEP_SUMMARY'];

/** One step with a post step: its temporary folder, and the files by which it talks to the runner. */
export class Step {
  /** RUNNER_TEMP of the step. */
  temp = mkdtempSync(path.join(tmpdir(), 'acme-exec-'));
  #environment;

  /**
   * @param {Record<string, string>} inputs by name, as `action.yml` spells them
   * @param {NodeJS.ProcessEnv} environment
   */
  constructor(inputs, environment) {
    const entries = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
    this.#environment = { ...environment, ...Object.fromEntries(entries), RUNNER_TEMP: this.temp };
    for (const name of commandFiles) {
      const file = path.join(this.temp, name);
      writeFileSync(file, '');
      this.#environment[`GITHUB_${name}`] = file;
    }
  }

  /**
   * Runs a bundle to its end.
   *
   * @param {'main' | 'check' | 'post'} bundle
   * @param {{ state?: Record<string, string>, show?: (line: string) => void }} [options]
   * @returns {Promise<number>} the exit code
   */
  async run(bundle, { state = {}, show = console.log } = {}) {
    const saved = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
    const child = spawn(process.execPath, [path.join(dist, bundle, 'index.js')], {
      env: { ...this.#environment, ...Object.fromEntries(saved) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    /** @type {Promise<number>} */
    const ended = new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
    for await (const line of createInterface({ input: child.stdout })) {
      const text = readable(line);
      if (text !== undefined) {
        show(text);
      }
    }
    return ended;
  }

  /**
   * The values that the step wrote to one of its files.
   *
   * @param {'OUTPUT' | 'STATE'} name
   * @returns {Record<string, string>}
   */
  values(name) {
    const text = readFileSync(path.join(this.temp, name), 'utf8');
    const matches = text.matchAll(/^(.+?)<<(\S+)\r?\n([\s\S]*?)\r?\n\2$/gm);
    return Object.fromEntries([...matches].map(([, key, , value]) => [key, value]));
  }

  /** Removes the temporary folder. */
  remove() {
    rmSync(this.temp, { recursive: true, force: true });
  }
}

/**
 * A line of a step as a person reads it, or undefined for what is meant for the runner alone.
 *
 * @param {string} line
 */
function readable(line) {
  const [, command, properties = '', message] = /^::(\w[\w-]*)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  if (command === undefined) {
    return line.trim() === '' ? undefined : line;
  }
  if (!['notice', 'warning', 'error'].includes(command)) {
    return undefined;
  }
  const title = (/^title=(.*)$/.exec(properties)?.[1] ?? '').replaceAll('%3A', ':').replaceAll('%2C', ',');
  const text = message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
  return `${command.toUpperCase()}: ${title}\n${text}`;
}
