import * as tls from 'node:tls';

/**
 * TLS options that trust some roots beside those that Node trusts by default, `NODE_EXTRA_CA_CERTS` among them.
 *
 * @param roots PEM
 */
export function trustOptions(roots: readonly string[]): { ca?: string[] } {
  return roots.length === 0 ? {} : { ca: [...defaultRoots(), ...roots] };
}

function defaultRoots(): readonly string[] {
  // Node before 22.15 cannot tell what it trusts; its bundled roots are the most of it.
  return 'getCACertificates' in tls ? tls.getCACertificates('default') : rootCertificates;
}

const { rootCertificates } = tls;
