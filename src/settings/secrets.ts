/** The secrets among the inputs, to be masked before anything is said: keys whole, of `exec-env` each value. */
export function secretsIn(inputs: ReadonlyMap<string, string>): string[] {
  const values = (inputs.get('exec-env') ?? '')
    .split(/\r?\n/)
    .filter((line) => !line.trim().startsWith('#'))
    // A line without a name may be a secret that was put in the wrong way.
    .map((line) => line.slice(line.indexOf('=') + 1));
  return [inputs.get('account-key') ?? '', ...values].filter((secret) => secret.trim() !== '');
}
