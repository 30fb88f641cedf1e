import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** The repository's root. */
export const repository = path.join(import.meta.dirname, '..', '..');

/** What the runner takes from an `action.yml`. */
export interface ActionMetadata {
  /** The default of every declared input; one without has ''. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
  /** Absolute paths of the bundles. */
  readonly main: string;
  readonly post: string | undefined;
}

/** Reads the `action.yml` in a folder of the repository, the root one by default. */
export function readActionMetadata(folder = '.'): ActionMetadata {
  const base = path.resolve(repository, folder);
  const { inputs, outputs, runs } = parse(readFileSync(path.join(base, 'action.yml'), 'utf8'));
  const defaults = Object.entries<{ default?: unknown } | null>(inputs ?? {}).map(([name, input]) => [
    name,
    expressionless(input?.default),
  ]);
  return {
    inputs: Object.fromEntries(defaults),
    outputs: Object.keys(outputs ?? {}),
    main: path.resolve(base, runs.main),
    post: runs.post === undefined ? undefined : path.resolve(base, runs.post),
  };
}

/** `${{ … }}` is only known on GitHub; outside of it, an empty text stands for it. */
function expressionless(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).replace(/\$\{\{.*?\}\}/g, '');
}
