import { isIPv4, isIPv6 } from 'node:net';
import type { Problems } from './problem.ts';

/** Addresses of DNS resolvers: `192.0.2.1[:port]`, `2001:db8::1` or `[2001:db8::1]:port`, separated by commas or white space. */
export function parseResolvers(text: string, problems: Problems): string[] {
  const resolvers = text.split(/[\s,]+/).filter((part) => part !== '');
  for (const resolver of resolvers) {
    if (!isServerAddress(resolver)) {
      problems.add(
        'dns-resolvers',
        resolver,
        'is not an IP address; write 192.0.2.1, 192.0.2.1:53, or [2001:db8::1]:53.',
      );
    }
  }
  return resolvers;
}

function isServerAddress(text: string): boolean {
  if (isIPv4(text) || isIPv6(text)) {
    return true;
  }
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[\d.]+)):(?<port>\d{1,5})$/.exec(text);
  const { six, four, port } = match?.groups ?? {};
  const portNumber = Number(port);
  return (isIPv6(six ?? '') || isIPv4(four ?? '')) && portNumber >= 1 && portNumber <= 65_535;
}
