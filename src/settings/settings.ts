import type { PropagationCheck } from '../dns/propagation.ts';
import type { AccountSettings } from './account.ts';
import type { CertificateSettings } from './certificate.ts';
import type { RenewalSettings } from './renewal.ts';
import type { ScriptSettings } from './script.ts';
import type { StoreSettings } from './store.ts';

/** Everything a run does, read once from inputs and environment and never changed. */
export interface Settings {
  /** The certificate's name in files and store. */
  name: string;
  authority: AuthoritySettings;
  account: AccountSettings;
  certificate: CertificateSettings;
  renewal: RenewalSettings;
  store: StoreSettings | undefined;
  challenge: 'dns-01' | 'dns-persist-01';
  /** Undefined only where the challenge can do without: records of dns-persist-01 may be made by hand. */
  script: ScriptSettings | undefined;
  /** The folder that programs run in. */
  workspace: string;
  propagation: PropagationSettings;
  output: OutputSettings;
}

/** The CA and how it is trusted. */
export interface AuthoritySettings {
  directoryUrl: string;
  /** PEM of roots to trust beside the system's. */
  roots: string[];
}

export interface PropagationSettings {
  check: PropagationCheck;
  /** Seconds to wait once the check has passed. */
  delay: number;
  /** Addresses of recursive resolvers; empty: the system's. */
  resolvers: string[];
}

export interface OutputSettings {
  /** Absolute. */
  directory: string;
  /** Undefined: no PKCS#12 file. */
  pfxPassword: string | undefined;
  /** A program of the repository to run with a new certificate. */
  deploy: DeploySettings | undefined;
}

export interface DeploySettings {
  /** Absolute path of the program. */
  program: string;
  /** As the user wrote it. */
  writtenPath: string;
}
