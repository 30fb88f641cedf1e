import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { throwawayCa } from '../../scripts/toolchain/throwaway-ca.mjs';

/** Names that a server on loopback is reached by. */
export const loopbackHosts: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** Paths of PEM files. */
export interface ListenerCertificate {
  readonly root: string;
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for an HTTPS server on loopback and the root that a client has to trust, as files in a folder. */
export function listenerCertificate(folder: string, name: string): ListenerCertificate {
  const root = throwawayCa(`${name} listener root`);
  const leaf = root.leaf([...loopbackHosts]);
  const write = (file: string, pem: string) => {
    const target = path.join(folder, file);
    writeFileSync(target, pem, { mode: 0o600 });
    return target;
  };
  return {
    root: write('listener-root.pem', root.certificate),
    certificate: write('listener.pem', leaf.certificate),
    key: write('listener-key.pem', leaf.key),
  };
}
