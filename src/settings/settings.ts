import type { KeyType } from '../certificate/key.ts';
import type { PropagationCheck } from '../dns/propagation.ts';
import type { ScriptSettings } from './script.ts';

/** Everything a run does, read once from inputs and environment and never changed. */
export interface Settings {
  /** The certificate's name in files. */
  name: string;
  /** Lower-case A-labels in the order of the input, wildcards as `*.name`. */
  domains: string[];
  authority: AuthoritySettings;
  account: AccountSettings;
  keyType: KeyType;
  script: ScriptSettings;
  propagation: PropagationSettings;
  /** Absolute. */
  outputDirectory: string;
  /** A program of the repository to run with a new certificate. */
  deploy: DeploySettings | undefined;
}

/** The CA and how it is trusted. */
export interface AuthoritySettings {
  directoryUrl: string;
  /** PEM of roots to trust beside the system's. */
  roots: string[];
}

export interface AccountSettings {
  email: string | undefined;
  /** PEM (PKCS#8); undefined: a new key. */
  key: string | undefined;
}

export interface PropagationSettings {
  check: PropagationCheck;
  /** Seconds to wait once the check has passed. */
  delay: number;
  /** Addresses of recursive resolvers; empty: the system's. */
  resolvers: string[];
}

export interface DeploySettings {
  /** Absolute path of the program. */
  program: string;
  /** As the user wrote it. */
  writtenPath: string;
}
