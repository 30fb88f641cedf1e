import { domainToASCII } from 'node:url';

/** A host name in its ASCII form, lower case, without a trailing dot; empty when it has no such form (UTS 46). */
export function asciiName(written: string): string {
  const name = written.endsWith('.') ? written.slice(0, -1) : written;
  // domainToASCII also rewrites numbers to IP addresses, so plain ASCII is left to our own rules.
  if (/^[\x20-\x7e]*$/.test(name)) {
    return name.toLowerCase();
  }
  const wildcard = name.startsWith('*.') ? '*.' : '';
  const converted = domainToASCII(name.slice(wildcard.length));
  return converted === '' ? '' : wildcard + converted;
}
