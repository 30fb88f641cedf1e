/** The version of this action, as the CA sees it in the User-Agent header; a test keeps it equal to package.json's. */
export const version = '0.1.0';

/** What requests to a CA carry, as RFC 8555 section 6.1 wants. */
export const userAgent = `acme-exec/${version} node/${process.versions.node}`;
