// The parts of acme-client that are used. They are imported by file, as its index also loads node-forge and the whole
// client, neither of which is needed.

declare module 'acme-client/src/http.js' {
  import type { AxiosRequestConfig, AxiosResponse } from 'axios';

  /** JWS-signed requests to one CA with one account key (RFC 8555 section 6). */
  export default class HttpClient {
    constructor(
      directoryUrl: string,
      accountKey: string,
      externalAccountBinding?: { kid: string; hmacKey: string } | undefined,
    );
    maxBadNonceRetries: number;
    directoryCache: unknown;
    request(url: string, method: string, options?: AxiosRequestConfig): Promise<AxiosResponse>;
    getNonce(): Promise<string>;
    getDirectory(): Promise<unknown>;
    getJwk(): Record<string, string>;
    signedRequest(
      url: string,
      payload: object | null,
      options?: { kid?: string | null; includeExternalAccountBinding?: boolean },
    ): Promise<AxiosResponse>;
  }
}

declare module 'acme-client/src/axios.js' {
  import type { AxiosStatic } from 'axios';

  const instance: AxiosStatic;
  export default instance;
}

declare module 'acme-client/src/crypto/index.js' {
  const crypto: {
    createCsr(
      data: { commonName?: string; altNames: string[] },
      keyPem: string,
    ): Promise<[key: Buffer, csr: Buffer]>;
  };
  export default crypto;
}
