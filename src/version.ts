/** The version of this action, as the CA sees it in the User-Agent header; a test keeps it equal to package.json's. */
export const version = '0.1.0';
