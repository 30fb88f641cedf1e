/** An `::error`, `::warning` or `::notice` of a step. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

/** What the runner makes of a step's standard output. */
export interface ReadOutput {
  readonly annotations: readonly Annotation[];
  /** Every value of `::add-mask::`, in order. */
  readonly masks: readonly string[];
  readonly debug: readonly string[];
  /** What a reader of the log sees: secrets replaced by `***` from their mask on, commands without effect as they are. */
  readonly log: string;
}

const levels: ReadonlySet<string> = new Set(['error', 'warning', 'notice']);
const known: ReadonlySet<string> = new Set([...levels, 'add-mask', 'debug', 'group', 'endgroup']);

/** Reads a step's standard output as the runner does, `::stop-commands::` included. */
export function readOutput(stdout: string): ReadOutput {
  const annotations: Annotation[] = [];
  const masks: string[] = [];
  const debug: string[] = [];
  const log: string[] = [];
  let stopToken: string | undefined;
  for (const line of stdout.split(/\r?\n/)) {
    const command = parseCommand(line);
    if (stopToken !== undefined) {
      if (command?.name === stopToken) {
        stopToken = undefined;
      } else {
        log.push(masked(line, masks));
      }
      continue;
    }
    if (command?.name === 'stop-commands') {
      stopToken = command.message.toLowerCase();
    } else if (command === undefined || !known.has(command.name)) {
      log.push(masked(line, masks));
    } else if (command.name === 'add-mask') {
      masks.push(command.message);
    } else if (command.name === 'debug') {
      debug.push(masked(command.message, masks));
    } else if (levels.has(command.name)) {
      const level = command.name as Annotation['level'];
      const { message, title } = command;
      annotations.push({ level, title: masked(title, masks), message: masked(message, masks) });
      log.push(`${level}: ${masked(message, masks)}`);
    } else {
      log.push(masked(command.message, masks));
    }
  }
  return { annotations, masks, debug, log: log.join('\n') };
}

/** The runner trims the line's start and takes command names in any case. */
function parseCommand(line: string): { name: string; title: string; message: string } | undefined {
  const match = /^\s*::([^\s:,]+)(?: ([^\n]*?))?::(.*)$/.exec(line);
  if (match === null) {
    return undefined;
  }
  const [, name = '', properties = '', data = ''] = match;
  const title = /(?:^|,)\s*title=([^,]*)/.exec(properties)?.[1] ?? '';
  return { name: name.toLowerCase(), title: decoded(title), message: decoded(data) };
}

function decoded(text: string): string {
  const escapes: Record<string, string> = { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' };
  return text.replace(/%(?:0D|0A|3A|2C|25)/g, (code) => escapes[code] ?? code);
}

function masked(text: string, masks: readonly string[]): string {
  // Longest first, so that no part of a longer secret is left beside a shorter one.
  return [...masks]
    .filter((mask) => mask !== '')
    .sort((one, other) => other.length - one.length)
    .reduce((shown, mask) => shown.replaceAll(mask, '***'), text);
}
