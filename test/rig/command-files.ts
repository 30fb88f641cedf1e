/**
 * Reads a file of the runner (GITHUB_OUTPUT, GITHUB_STATE, GITHUB_ENV): `name=value` lines and
 * `name<<delimiter` blocks. Throws where the runner would fail the step.
 */
export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === '') {
      continue;
    }
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const delimiter = line.slice(heredoc + 2);
      const last = lines.indexOf(delimiter, index + 1);
      if (last < 0) {
        throw new Error(`The delimiter ${delimiter} of ${line} never comes.`);
      }
      values[line.slice(0, heredoc)] = lines.slice(index + 1, last).join('\n');
      index = last;
    } else if (equals > 0) {
      values[line.slice(0, equals)] = line.slice(equals + 1);
    } else {
      throw new Error(`Not a line of a command file: ${line}`);
    }
  }
  return values;
}
