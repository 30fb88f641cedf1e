import type { ScriptDelimiter, ScriptMode } from '../script/arguments.ts';
import { parseNumber } from './numbers.ts';
import type { Problems } from './problem.ts';
import { findProgram, type ProgramPlaces } from './program.ts';

/** The `exec-*` inputs and `EXEC_*` variables, read once. */
export interface ScriptSettings {
  /** Absolute path of the program. */
  program: string;
  /** `EXEC_PATH` as the user wrote it. */
  writtenPath: string;
  workspace: string;
  mode: ScriptMode;
  delimiter: ScriptDelimiter;
  /** Seconds between propagation checks; undefined when neither input nor variable says. */
  pollingInterval: number | undefined;
  /** Seconds until the propagation wait gives up; undefined when neither input nor variable says. */
  propagationTimeout: number | undefined;
  /** Seconds between names that are served one after the other; undefined: all together. */
  sequenceInterval: number | undefined;
  /** How many calls run side by side. */
  concurrency: number;
  /** Seconds that one call may take. */
  timeLimit: number;
  /** Variables for the script alone (`exec-env`). */
  environment: Record<string, string>;
}

const day = 86_400;

/**
 * Reads every setting of the script protocol. An input wins over its variable; an empty one counts as unset.
 *
 * @param isRequired whether it is a problem that no program is named
 * @returns undefined when there is no program, or a problem with it
 */
export function readScriptSettings(
  inputs: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  places: ProgramPlaces,
  isRequired: boolean,
  problems: Problems,
): ScriptSettings | undefined {
  const setting = (input: string): { name: string; text: string } => {
    const given = inputs.get(input) ?? '';
    const variable = input.replaceAll('-', '_').toUpperCase();
    const inherited = (environment[variable] ?? '').trim();
    return given === '' && inherited !== ''
      ? { name: variable, text: inherited }
      : { name: input, text: given };
  };
  const seconds = (input: string, minimum: number): number | undefined => {
    const { name, text } = setting(input);
    return parseNumber(name, text, { minimum, maximum: day, whole: false, unit: 'seconds' }, problems);
  };

  const sequenceInterval = seconds('exec-sequence-interval', 0);
  const concurrency = parseNumber(
    'exec-concurrency',
    inputs.get('exec-concurrency') ?? '',
    { minimum: 1, maximum: 100, whole: true, unit: 'calls' },
    problems,
  );
  if (sequenceInterval !== undefined && (concurrency ?? 1) > 1) {
    problems.add(
      'exec-concurrency',
      String(concurrency),
      'contradicts exec-sequence-interval, which serves one name after another; leave one of them out.',
    );
  }
  const path = setting('exec-path');
  if (path.text === '' && isRequired) {
    problems.add(
      'exec-path',
      '',
      'is required: the path of the script that sets the DNS record (or set EXEC_PATH).',
    );
  }
  const program = path.text === '' ? undefined : findProgram(path.name, path.text, places, problems);
  const settings = {
    writtenPath: path.text,
    workspace: places.workspace,
    mode: parseMode(setting('exec-mode'), problems),
    delimiter: parseDelimiter(setting('exec-delimiter'), problems),
    pollingInterval: seconds('exec-polling-interval', 0.1),
    propagationTimeout: seconds('exec-propagation-timeout', 0),
    sequenceInterval,
    concurrency: concurrency ?? 1,
    timeLimit:
      parseNumber(
        'exec-time-limit',
        inputs.get('exec-time-limit') ?? '',
        { minimum: 1, maximum: day, whole: false, unit: 'seconds' },
        problems,
      ) ?? 300,
    environment: parseEnvironment(inputs.get('exec-env') ?? '', problems),
  };
  return program === undefined ? undefined : { program, ...settings };
}

function parseMode({ name, text }: { name: string; text: string }, problems: Problems): ScriptMode {
  switch (text.toLowerCase()) {
    case '':
    case 'none':
      return 'default';
    case 'raw':
      return 'RAW';
    default:
      problems.add(name, text, 'is not a mode; use RAW or none.');
      return 'default';
  }
}

function parseDelimiter({ name, text }: { name: string; text: string }, problems: Problems): ScriptDelimiter {
  const delimiter = text === '' ? 'lego' : text.toLowerCase();
  if (delimiter === 'lego' || delimiter === 'none' || delimiter === 'first' || delimiter === 'after-name') {
    return delimiter;
  }
  problems.add(name, text, 'is not a place for "--"; use lego, first, after-name or none.');
  return 'lego';
}

/** Lines `NAME=value`; empty lines and lines that start with `#` are skipped. Values are secrets: none is quoted. */
export function parseEnvironment(text: string, problems: Problems): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const written = line.trim();
    if (written === '' || written.startsWith('#')) {
      continue;
    }
    const place = `line ${index + 1}`;
    const equals = written.indexOf('=');
    const name = written.slice(0, Math.max(equals, 0)).trim();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      problems.add(
        'exec-env',
        place,
        'does not read NAME=value; its text is not shown, as it may be a secret.',
      );
    } else if (/^(?:INPUT|STATE)_/i.test(name)) {
      problems.add(
        'exec-env',
        `${place}, ${name}`,
        'is a name of the runner that scripts never get; choose another.',
      );
    } else {
      variables[name] = written.slice(equals + 1);
    }
  }
  return variables;
}
