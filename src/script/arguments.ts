/** `EXEC_MODE`: `default` is lego's `none`. */
export type ScriptMode = 'default' | 'RAW';

/** Where `--` stands among the arguments. */
export type ScriptDelimiter = 'lego' | 'first' | 'after-name' | 'none';

/** What a script is called for. */
export type ScriptAction = 'present' | 'cleanup';

/** One TXT record that a script sets or removes, in the terms of both modes. */
export interface ScriptRecord {
  /** The effective FQDN with its final dot: the end of the CNAME chain of `_acme-challenge.<domain>`. */
  fqdn: string;
  /** The value of the TXT record: base64url of the SHA-256 digest of the key authorization (RFC 8555 section 8.4). */
  value: string;
  /** The identifier of the authorization, without `*.` and without a final dot. */
  domain: string;
  token: string;
  keyAuthorization: string;
  /** The name being validated, as ordered: with `*.` for a wildcard. */
  orderedName: string;
  /** The zone that holds the record, without a final dot; undefined when it could not be found. */
  zone: string | undefined;
}

/**
 * The arguments of one call. `lego` is what lego 4.9 and 5.6 send; the other forms are those its document shows.
 */
export function scriptArguments(
  action: ScriptAction,
  mode: ScriptMode,
  delimiter: ScriptDelimiter,
  record: ScriptRecord,
): string[] {
  if (mode === 'RAW') {
    const secrets = [record.token, record.keyAuthorization];
    switch (delimiter) {
      case 'after-name':
        return [action, `${record.domain}.`, '--', ...secrets];
      case 'none':
        return [action, record.domain, ...secrets];
      default:
        return [action, '--', record.domain, ...secrets];
    }
  }
  switch (delimiter) {
    case 'first':
      return [action, '--', record.fqdn, record.value];
    case 'after-name':
      return [action, record.fqdn, '--', record.value];
    default:
      return [action, record.fqdn, record.value];
  }
}
