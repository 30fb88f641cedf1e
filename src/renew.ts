import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CertificateDescription } from './certificate/description.ts';
import { CertificateFiles, type FileKind, fileNames } from './certificate/files.ts';
import { deploy } from './deploy.ts';
import { Failure } from './failure.ts';
import { obtainCertificate, type Surroundings } from './obtain.ts';
import { type Advice, askForAdvice } from './renewal/advice.ts';
import { findCurrent } from './renewal/current.ts';
import { type CurrentCertificate, type Decision, decide, type Wish } from './renewal/decision.ts';
import { renewalTime } from './renewal/renewal-time.ts';
import type { Settings } from './settings/settings.ts';
import { Store } from './store/store.ts';
import { readStoredChain, type StoredCertificate } from './store/stored-certificate.ts';

/** What a run leaves: the certificate that is now in use, new or not. */
export interface RunResult {
  renewed: boolean;
  /** One sentence. */
  reason: string;
  description: CertificateDescription;
  /** The files that there are, by kind. */
  paths: Partial<Record<FileKind, string>>;
  directory: string;
  accountUrl: string;
  renewAt: Date;
  /** Where the CA explains its advice. */
  explanationUrl: string | undefined;
  /** Requests sent to the CA. */
  requests: number;
}

/**
 * Keeps a certificate current: is it due? → order → files and store → report → deploy. A certificate that the last run
 * could not deploy is deployed now, without a new order.
 *
 * @param report told the result before the deployment, whose failure must not lose it
 * @throws Failure of whatever stopped it
 */
export async function renewCertificate(
  settings: Settings,
  surroundings: Surroundings,
  report: (result: RunResult) => Promise<void>,
): Promise<void> {
  const { log, timeline, cancelled } = surroundings;
  const store =
    settings.store === undefined ? undefined : new Store(settings.store.directory, settings.store.sealing);
  const stored = store?.certificate(settings.name);
  const observed = { log, signal: cancelled };
  const current = await timeline.measure('Renewal', 'Certificate in use', () =>
    findCurrent(stored, settings.renewal.current, observed),
  );
  const advice = await timeline.measure('Renewal', 'Advice', () =>
    askForAdvice(current, settings.authority, observed),
  );
  const decision = decide(current, wishOf(settings), advice.info?.window, settings.renewal, new Date());
  log.info(decision.reason);
  if (decision.due) {
    await renew(settings, { store, stored, current, advice, decision }, surroundings, report);
  } else {
    await keep(settings, { store, stored, current, advice, decision }, surroundings, report);
  }
}

interface Situation {
  store: Store | undefined;
  stored: StoredCertificate | undefined;
  current: CurrentCertificate | undefined;
  advice: Advice;
  decision: Decision;
}

type Report = (result: RunResult) => Promise<void>;

async function renew(
  settings: Settings,
  { store, stored, current, advice, decision }: Situation,
  surroundings: Surroundings,
  report: Report,
): Promise<void> {
  const replaces = advice.info === undefined ? undefined : current?.description?.renewalId;
  const obtained = await obtainCertificate(settings, { store, stored, replaces }, surroundings).catch(
    (error: unknown) => {
      throw withDaysLeft(error, current);
    },
  );
  const { files, description } = obtained;
  await report({
    renewed: true,
    reason: decision.reason,
    description,
    paths: files.existing(),
    directory: files.directory,
    accountUrl: obtained.accountUrl,
    renewAt: renewalTime(description, undefined, settings.renewal.renewBefore).at,
    explanationUrl: advice.info?.explanationUrl,
    requests: advice.requests + obtained.requests,
  });
  await deployFiles(settings, files, description, surroundings);
  if (obtained.storeFailure !== undefined) {
    throw obtained.storeFailure;
  }
  markDeployed(settings, store, store?.certificate(settings.name));
}

async function keep(
  settings: Settings,
  { store, stored, current, advice, decision }: Situation,
  surroundings: Surroundings,
  report: Report,
): Promise<void> {
  const description = current?.description as CertificateDescription;
  const mustDeploy = settings.output.deploy !== undefined && stored?.meta?.deployed === false;
  const reason = mustDeploy
    ? `${decision.reason} The last run did not deploy it; this one does.`
    : decision.reason;
  const files = mustDeploy
    ? await unpack(settings, store as Store, stored as StoredCertificate, surroundings)
    : undefined;
  await report({
    renewed: false,
    reason,
    description,
    paths: files?.existing() ?? pathsInUse(stored, current),
    directory: files?.directory ?? stored?.folder ?? '',
    accountUrl: store?.accountUrl(settings.authority.directoryUrl) ?? '',
    renewAt: decision.renewAt as Date,
    explanationUrl: advice.info?.explanationUrl,
    requests: advice.requests,
  });
  if (files !== undefined) {
    await deployFiles(settings, files, description, surroundings);
    markDeployed(settings, store, stored);
  }
}

function wishOf({ certificate, authority }: Settings): Wish {
  const { key, domains, profile } = certificate;
  return {
    domains,
    keyType: 'keyType' in key ? key.keyType : undefined,
    publicKey: 'publicKey' in key ? key.publicKey : undefined,
    directoryUrl: authority.directoryUrl,
    profile,
  };
}

/** A renewal that fails is told with the time that is left to mend it. */
function withDaysLeft(error: unknown, current: CurrentCertificate | undefined): unknown {
  const notAfter = current?.description?.notAfter;
  if (!(error instanceof Failure) || notAfter === undefined) {
    return error;
  }
  const days = Math.floor((notAfter.getTime() - Date.now()) / 86_400_000);
  const left = days >= 0 ? `is valid for ${days} more days` : 'has expired';
  return new Failure(
    error.title,
    `${error.message}\nThe certificate in use (${current?.source}) ${left}.`,
    error.advice,
    error,
  );
}

/** Where the files of a certificate are that was not due: in the store, or where the input says. */
function pathsInUse(
  stored: StoredCertificate | undefined,
  current: CurrentCertificate | undefined,
): RunResult['paths'] {
  if (stored === undefined) {
    return current !== undefined && existsSync(current.source) ? { certificate: current.source } : {};
  }
  const kinds = ['certificate', 'chain', 'fullchain'] as const;
  const files = kinds.map((kind): [FileKind, string] => [kind, path.join(stored.folder, fileNames[kind])]);
  return Object.fromEntries(files.filter(([, file]) => existsSync(file)));
}

/** Writes the files of a stored certificate to the output folder, the private key opened. */
async function unpack(
  settings: Settings,
  store: Store,
  stored: StoredCertificate,
  { mask }: Surroundings,
): Promise<CertificateFiles> {
  const files = new CertificateFiles(settings.output.directory);
  const privateKey = await store.privateKey(stored);
  if (privateKey !== undefined) {
    mask(privateKey);
    files.stage('privateKey', privateKey);
  }
  files.stageChain(readStoredChain(stored));
  files.commit();
  return files;
}

async function deployFiles(
  settings: Settings,
  files: CertificateFiles,
  { domains }: CertificateDescription,
  { environment, log, cancelled, timeline }: Surroundings,
): Promise<void> {
  const program = settings.output.deploy;
  if (program === undefined) {
    return;
  }
  const { workspace } = settings;
  const deployment = { name: settings.name, domains, directory: files.directory, paths: files.existing() };
  await timeline.measure('Deploy', 'Deploy', () =>
    deploy(program, deployment, { workspace, environment, log, signal: cancelled }),
  );
}

function markDeployed(
  settings: Settings,
  store: Store | undefined,
  stored: StoredCertificate | undefined,
): void {
  if (settings.output.deploy !== undefined && stored !== undefined) {
    store?.note(stored, { deployed: true });
  }
}
