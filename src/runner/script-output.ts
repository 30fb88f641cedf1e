/** Commands that a script may give the runner; all others are shown, not obeyed. */
const passedThrough = /^\s*::(?:add-mask|debug|notice|warning|error)(?: [^\r\n]*?)?::/i;

/**
 * The line of the log for a line that a script wrote: prefixed with the name it works for, so that the runner does not
 * read a workflow command at its start. `::add-mask::`, `::debug::`, `::notice`, `::warning` and `::error` pass through.
 */
export function logLine(name: string, line: string): string {
  return passedThrough.test(line) ? line.trimStart() : `${name} | ${withoutOldCommands(line)}`;
}

/** Any text as lines of the log that the runner obeys nowhere, wherever the text comes from. */
export function inertText(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) => withoutOldCommands(line).replace(/^(\s*)::/, '$1: :'))
    .join('\n');
}

/** The runner still obeys the first form of commands, `##[name]`, anywhere in a line. */
function withoutOldCommands(line: string): string {
  return line.replaceAll('##[', '## [');
}
