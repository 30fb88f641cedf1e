import { isIP } from 'node:net';
import { asciiName } from '../dns/ascii-name.ts';
import type { Problems } from './problem.ts';

/** RFC 1035 section 2.3.4: 255 octets on the wire are 253 in text; `_acme-challenge.` must fit in front. */
const maximumNameOctets = 253 - '_acme-challenge.'.length;
const maximumLabelOctets = 63;

/**
 * The names to order, as lower-case A-labels without a trailing dot, wildcards as `*.name`, in the order given and
 * without duplicates.
 *
 * @param text names separated by white space or commas
 */
export function parseDomains(text: string, problems: Problems): string[] {
  const domains = new Set<string>();
  for (const written of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const fault = domainFault(written);
    if (fault === undefined) {
      domains.add(asciiName(written));
    } else {
      problems.add('domains', written, fault);
    }
  }
  if (domains.size === 0 && !problems.found.some(({ input }) => input === 'domains')) {
    problems.add(
      'domains',
      text,
      'is required: the names of the certificate, separated by white space or commas.',
    );
  }
  return [...domains];
}

/** What is wrong with a name, or undefined. RFC 1035 section 2.3.4, RFC 5890 section 2.3.1, RFC 8555 section 7.1.3. */
function domainFault(written: string): string | undefined {
  if (/\p{Cc}/u.test(written)) {
    return 'contains a control character; remove it.';
  }
  if (/^\w+:\/\//.test(written) || written.includes('/')) {
    return 'is a URL or path; give the host name alone.';
  }
  if (isIP(written.replace(/^\[(.*)\]$/, '$1')) !== 0 || /^\d[\d.]*$/.test(written)) {
    return 'is an IP address; DNS can only prove control of names, so give a name.';
  }
  const name = asciiName(written);
  if (name === '') {
    return 'cannot be written in ASCII (IDNA); check its characters.';
  }
  const labels = name.split('.');
  if (labels.includes('')) {
    return 'has an empty label; remove the extra dot.';
  }
  const hostLabels = labels[0] === '*' ? labels.slice(1) : labels;
  if (hostLabels.length === 0) {
    return 'is a wildcard of nothing; write it as *.example.com.';
  }
  if (hostLabels.some((label) => label.includes('*'))) {
    return 'has a wildcard that is not the whole first label; only *.example.com is possible.';
  }
  const long = hostLabels.find((label) => label.length > maximumLabelOctets);
  if (long !== undefined) {
    return `has a label of ${long.length} octets; ${maximumLabelOctets} are allowed.`;
  }
  if (hostLabels.join('.').length > maximumNameOctets) {
    return `has ${name.length} octets; with _acme-challenge. in front, ${maximumNameOctets} are allowed.`;
  }
  const strange = hostLabels.find((label) => !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label));
  if (strange !== undefined) {
    return `has the label "${strange}"; a label has letters, digits and inner hyphens only.`;
  }
  return undefined;
}
