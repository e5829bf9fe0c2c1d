/** Readers of callers' text, for the program that gives them garbage (apps/fuzz). */
export { ApiError } from './api-error.js';
export { normalise } from './live/normalise.js';
export { cursorOf, readCursor } from './server/cursor.js';
export { checked } from './server/validate.js';
export { topicsOf } from './streams/topics.js';
export { openSession, cookieNamed, sealSession } from './access/browser-session.js';
export type { BrowserSession } from './access/browser-session.js';
export { splitAltNames } from './access/client-certificate.js';
export { hostOf } from './access/hosts.decide.js';
export { TokenStore } from './access/keys/token-store.js';
export { localPath } from './access/oidc/claims.decide.js';
export { callerOf } from './access/oidc/login.js';
export { Proxies } from './access/proxies.js';
export { isProvenBody, isReplicaProof, replicaProof } from './access/replica-proof.js';
export type { SealKey } from './access/sealed.js';
