import { Failure } from '../failure.ts';

/** A problem document (RFC 7807) with ACME's subproblems (RFC 8555 section 6.7.1). */
export interface ProblemDocument {
  type: string;
  detail: string;
  subproblems: { type: string; detail: string; identifier: string | undefined }[];
}

const acmeErrors = 'urn:ietf:params:acme:error:';

/** An answer of the CA that refuses something, with all that the CA said. */
export class AcmeProblem extends Failure {
  readonly status: number;
  /** `rateLimited`, `badNonce`, …: the type without ACME's prefix; empty when the answer was no problem document. */
  readonly type: string;
  readonly document: ProblemDocument | undefined;

  constructor(purpose: string, status: number, body: unknown, note = '') {
    const document = parseProblem(body);
    const said = document === undefined ? describeBody(body) : describeProblem(document);
    super(
      document?.type === 'rateLimited' || status === 429
        ? 'The CA limits the rate of requests'
        : 'The CA refused a request',
      `${purpose}: the CA answered HTTP ${status}, ${said}${note}`,
      requestAdvice(document?.type ?? '', status),
    );
    this.status = status;
    this.type = document?.type ?? '';
    this.document = document;
  }
}

/** Reads a problem document; undefined for anything else (HTML, an empty body). */
export function parseProblem(body: unknown): ProblemDocument | undefined {
  if (typeof body !== 'object' || body === null) {
    return undefined;
  }
  const { type, detail, title, subproblems } = body as Record<string, unknown>;
  if (typeof type !== 'string' && typeof detail !== 'string') {
    return undefined;
  }
  return {
    type: shortType(type),
    detail: textOf(detail) || textOf(title) || 'no detail given',
    subproblems: (Array.isArray(subproblems) ? subproblems : []).map((sub) => ({
      type: shortType(sub?.type),
      detail: textOf(sub?.detail) || 'no detail given',
      identifier: typeof sub?.identifier?.value === 'string' ? sub.identifier.value : undefined,
    })),
  };
}

/** One line, then a line for each subproblem with the name it is about. */
export function describeProblem({ type, detail, subproblems }: ProblemDocument): string {
  const lines = subproblems.map(
    (sub) => `\n- ${sub.identifier === undefined ? '' : `${sub.identifier}: `}${sub.type}: ${sub.detail}`,
  );
  return `${type || 'no type'}: ${detail}${lines.join('')}`;
}

function describeBody(body: unknown): string {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const readable = text
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (readable === '') {
    return 'with an empty answer';
  }
  const kind = /^\s*</.test(text) ? 'with a web page instead of a problem document' : 'and';
  return `${kind}: ${readable.slice(0, 300)}`;
}

function shortType(type: unknown): string {
  const text = textOf(type);
  return text.startsWith(acmeErrors) ? text.slice(acmeErrors.length) : text;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `unauthorized` says one thing of an account and another of a record. */
function requestAdvice(type: string, status: number): string {
  return type === 'unauthorized'
    ? 'The CA does not accept this account for that; if it was deactivated, use another account-key, and with a store remove its folder under accounts/.'
    : problemAdvice(type, status);
}

/** What to do next, by the types of RFC 8555 section 6.7. */
export function problemAdvice(type: string, status: number): string {
  const byType: Record<string, string> = {
    accountDoesNotExist:
      'The CA does not know this account key; leave account-key out to make a new account.',
    badCSR: 'The CA does not accept this key or these names; try another key-type.',
    badPublicKey: 'The CA does not accept this key; try another key-type or account-key.',
    caa: 'A CAA record of the name forbids this CA; add one that names it, or choose another CA.',
    dns: 'The CA could not look the name up; check its delegation and DNSSEC.',
    externalAccountRequired: 'This CA needs an external account binding.',
    rateLimited:
      'Wait until the time that the CA names, and keep the account and the certificate between runs.',
    rejectedIdentifier: 'The CA does not issue for this name; take it out of domains.',
    unauthorized:
      'The CA saw something else than the script set; compare the values it names with the record.',
    userActionRequired: "Follow the CA's link, then run again.",
  };
  const known = byType[type];
  if (known !== undefined) {
    return known;
  }
  if (status === 429) {
    return byType.rateLimited as string;
  }
  return status >= 500
    ? 'The CA has a fault of its own; run again later.'
    : 'Read the detail above; run again with debug logging to see each request.';
}
