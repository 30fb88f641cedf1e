/**
 * A certificate request (PKCS#10) for DNS names, as DER.
 *
 * @param keyPem PKCS#8
 */
export async function createCsr(domains: readonly string[], keyPem: string): Promise<Buffer> {
  // Loaded here, while the script or the DNS is waited for: the ASN.1 libraries behind it are large.
  const { default: crypto } = await import('acme-client/src/crypto/index.js');
  const [, pem] = await crypto.createCsr({ altNames: [...domains] }, keyPem);
  return derOf(pem.toString());
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}
