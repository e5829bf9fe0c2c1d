export { DEFAULT_ROOT, parseConnectString, withRoot } from './session/root.js';
export type { ConnectString } from './session/root.js';
export { ensureLayout } from './session/layout.js';
export { Session, sessionName } from './session/session.js';
export type { SessionListener, SessionOptions, SessionState, SessionView } from './session/session.js';
