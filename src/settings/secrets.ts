/** Inputs that are secret as a whole. */
const secretInputs = ['account-key', 'eab-hmac-key', 'store-key', 'pfx-password'];
/** Secret when it is text; it may be a path as well. */
const secretOrPath = 'private-key';

/** The secrets among the inputs, to be masked before anything is said: keys whole, of `exec-env` each value. */
export function secretsIn(inputs: ReadonlyMap<string, string>): string[] {
  const values = (inputs.get('exec-env') ?? '')
    .split(/\r?\n/)
    .filter((line) => !line.trim().startsWith('#'))
    // A line without a name may be a secret that was put in the wrong way.
    .map((line) => line.slice(line.indexOf('=') + 1));
  const key = inputs.get(secretOrPath) ?? '';
  const whole = secretInputs.map((name) => inputs.get(name) ?? '');
  return [...whole, isPath(key) ? '' : key, ...values].filter((secret) => secret.trim() !== '');
}

/** A path is no secret, and a mask would hide it everywhere. */
function isPath(text: string): boolean {
  return /^\.{0,2}\/[\w./-]+$/.test(text) || /^[\w.-]+\.(?:pem|key|json)$/.test(text);
}
