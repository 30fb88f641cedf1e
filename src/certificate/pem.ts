const pemCertificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in order, each with a final newline. */
export function splitPem(text: string): string[] {
  return (text.match(pemCertificate) ?? []).map((pem) => `${pem.replaceAll('\r', '')}\n`);
}
