/** The words of who may use the API. `libs/api` says what each role may do. */

/** The roles that a token, a claim or a certificate may give. */
export const ROLES = ['viewer', 'payloads', 'submitter', 'operator', 'admin', 'metrics'] as const;
export type Role = (typeof ROLES)[number];

/** Ways in which a caller says who it is. */
export const AUTH_METHODS = ['none', 'token', 'oidc', 'mtls', 'proxy'] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** An action that can be switched off for everybody. */
export const DISABLEABLE = [
  'submit',
  'bulk',
  'cancel',
  'retry',
  'change',
  'purge',
  'erase',
  'pause',
  'drain',
  'define',
  'resign',
  'znode',
  'tokens',
] as const;
export type Disableable = (typeof DISABLEABLE)[number];

/** A name of queues, with `*` at the end for all that begin so. */
export const QUEUE_GLOB = /^(?:\*|[A-Za-z0-9][A-Za-z0-9._-]{0,127}\*?)$/;

/** The address of the HTTP API where none is given. */
export const API_DEFAULT_LISTEN = '127.0.0.1:7373';
