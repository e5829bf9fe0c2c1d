import type { AccessConfig } from '@drover/config';
import type { Runtime } from '@drover/runtime';
import { ApiError } from '../api-error.js';
import type { Incoming } from './access.js';
import { cookieNamed, openSession, type BrowserSession } from './browser-session.js';
import { ANYBODY, type Caller } from './caller.js';
import { certificateNames } from './client-certificate.js';
import { grantOf, type Grant } from './grants.decide.js';
import type { Credentials } from './keys/credentials.js';
import type { TokenFault, TokenStore } from './keys/token-store.js';
import { callerOf } from './oidc/login.js';
import type { Provider } from './oidc/provider.js';
import type { Proxies } from './proxies.js';

export interface Identified {
  readonly caller: Caller;
  /** The browser sends by itself what tells who it is, or nothing is needed: another site's page could ask in its name. */
  readonly ambient: boolean;
  /** It came with the cookie of a browser. */
  readonly session: BrowserSession | null;
}

export interface Identifier {
  config: AccessConfig;
  runtime: Runtime;
  credentials: Credentials;
  /** Null: there is no OpenID provider. */
  provider: Provider | null;
  proxies: Proxies;
  /** The name of the cookie. */
  cookie: string;
}

/**
 * The caller, by `Authorization`, by certificate, by a proxy, by cookie, in this order. Null: nobody said. Throws `ApiError`
 * `unauthenticated` where a token is not taken, which no other way makes good, and `sign-in-unavailable`.
 */
export async function identify(incoming: Incoming, identifier: Identifier): Promise<Identified | null> {
  const { methods } = identifier.config;
  if (methods.includes('none')) return { caller: ANYBODY, ambient: true, session: null };
  const bearer = /^bearer +(\S+) *$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { caller: await byBearer(bearer, identifier), ambient: false, session: null };
  const caller = byCertificate(incoming, identifier) ?? byProxy(incoming, identifier);
  if (caller !== null) return { caller, ambient: true, session: null };
  return bySession(incoming, identifier);
}

async function byBearer(token: string, identifier: Identifier): Promise<Caller> {
  const { config, credentials, provider, runtime } = identifier;
  if (token.startsWith('drv_') && config.methods.includes('token')) {
    const found = credentials.tokens.check(token, runtime.now());
    return typeof found === 'string' ? refuse(found, credentials.tokens) : found;
  }
  if (provider === null || config.oidc === null) throw wrong(`the token is none that this server takes (drv_...)`);
  const claims = await provider.verify(token).catch((error: unknown) => {
    throw error instanceof ApiError ? error : wrong(`the token of the OpenID provider is not good: ${String(error)}`);
  });
  const caller = callerOf(claims, config.oidc);
  if (caller === null) throw wrong(`no value of the token's claim '${config.oidc.claim}' gives a role here`);
  return caller;
}

const FAULTS: Readonly<Record<TokenFault, string>> = {
  malformed: 'the token is damaged: expected drv_<id>_<43 characters>, the whole of it',
  unknown: 'the token is not known here; it may be revoked, or of another cluster',
  expired: 'the token has expired; make another one (drover token create)',
};

/** Why a token is not taken; one that is not known may be stored in what ZooKeeper has not told yet. */
export function refuse(fault: TokenFault, tokens: TokenStore): never {
  if (fault === 'unknown' && !tokens.isRead)
    throw new ApiError('sign-in-unavailable', 'the tokens have not been read from ZooKeeper yet', {
      retryAfterMs: 1_000,
    });
  throw wrong(FAULTS[fault]);
}

const wrong = (detail: string): ApiError => new ApiError('unauthenticated', detail);

function byCertificate({ socket }: Incoming, { config }: Identifier): Caller | null {
  if (!config.methods.includes('mtls')) return null;
  const names = certificateNames(socket);
  return withGrant(names[0] ?? '', 'mtls', grantOf(names, config.mtlsRoles));
}

function byProxy({ headers, socket }: Incoming, { config, proxies }: Identifier): Caller | null {
  if (!config.methods.includes('proxy')) return null;
  const found = proxies.userOf(socket.remoteAddress ?? '', headers);
  return found === null
    ? null
    : withGrant(found.user, 'proxy', grantOf([found.user, ...found.groups], config.proxy.roles));
}

const withGrant = (name: string, auth: 'mtls' | 'proxy', grant: Grant | null): Caller | null =>
  grant === null ? null : { name: name.slice(0, 128), auth, ...grant };

/** The roles of a browser that signed in by a token are those that the token has now. */
function bySession({ headers }: Incoming, { config, cookie, credentials, runtime }: Identifier): Identified | null {
  const value = cookieNamed(cookie, headers.cookie);
  const session = value === null ? null : openSession(value, credentials.keys, runtime.now());
  if (session === null || !config.methods.includes(session.auth)) return null;
  const { name, auth, roles, queues, token } = session;
  const caller = token === undefined ? { name, auth, roles, queues } : credentials.tokens.caller(token, runtime.now());
  return caller === null ? null : { caller, ambient: true, session };
}
