/** What a request to a CA is for, by its path: Pebble's paths and step-ca's. */
export type RequestKind =
  | 'directory'
  | 'new-nonce'
  | 'new-account'
  | 'account'
  | 'new-order'
  | 'order'
  | 'orders'
  | 'finalize'
  | 'authorization'
  | 'challenge'
  | 'certificate'
  | 'revoke'
  | 'key-change'
  | 'renewal-info'
  | 'other';

/** First match wins. */
const kinds: readonly (readonly [RegExp, RequestKind])[] = [
  [/^\/dir$|\/directory$/, 'directory'],
  [/^\/nonce-plz|\/new-nonce$/, 'new-nonce'],
  [/^\/sign-me-up|\/new-account$/, 'new-account'],
  [/^\/order-plz|\/new-order$/, 'new-order'],
  [/renewalInfo\/|renewal-info/, 'renewal-info'],
  [/^\/finalize-order\/|\/finalize$/, 'finalize'],
  [/^\/list-orderz\/|\/account\/[^/]+\/orders$/, 'orders'],
  [/^\/my-account\/|\/account\//, 'account'],
  [/^\/my-order\/|\/order\//, 'order'],
  [/^\/authZ\/|\/authz\//, 'authorization'],
  [/^\/chalZ\/|\/challenge\//, 'challenge'],
  [/^\/certZ\/|\/certificate\//, 'certificate'],
  [/^\/revoke-cert/, 'revoke'],
  [/^\/rollover-account-key|\/key-change$/, 'key-change'],
];

/** The kind of the request for a path. */
export function requestKind(path: string): RequestKind {
  return kinds.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}

/** The payload of a signed request; undefined for one without (POST-as-GET, and what is no JWS). */
export function requestPayload(body: string): unknown {
  try {
    const { payload } = JSON.parse(body);
    return payload === '' ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
}
