import type { AccessConfig } from '@drover/config';
import type { Handlers } from '../handlers/handler.js';
import { listAudit } from './audit-handlers.js';
import type { Audit } from './audit.js';
import { sessionCookie } from './browser-session.js';
import { NOBODY, permissionsOf, type Caller } from './caller.js';
import type { Identifier } from './identify.js';
import { SignIn } from './sign-in.js';
import { TOKEN_HANDLERS } from './token-handlers.js';

export interface HandlersHome {
  identifier: Identifier;
  audit: Audit;
  /** Browsers come by TLS. */
  secure: boolean;
  basePath: string;
  about: (caller: Caller) => unknown;
}

/** The answer to `GET /v1`: the caller, and what it may do. */
export function aboutCaller(
  caller: Caller,
  options: { config: AccessConfig; version: string; schedulerId: string; basePath: string },
): unknown {
  const { config, version, schedulerId: scheduler, basePath } = options;
  const { name, auth, roles, queues } = caller;
  return {
    ...{ version, scheduler, basePath, auth: config.methods, disabled: config.disable },
    caller: caller === NOBODY ? null : { name, auth, roles, queues },
    permissions: permissionsOf(caller),
  };
}

export function accessHandlers(home: HandlersHome): Handlers {
  const signIn = new SignIn(home);
  return {
    about: async ({ caller }) => ({ status: 200, json: home.about(caller) }),
    signIn: (asked) => signIn.byToken(asked),
    signOut: async () => ({ status: 204, headers: { 'set-cookie': sessionCookie('', home.secure) } }),
    login: (asked) => signIn.begin(asked),
    callback: (asked) => signIn.finish(asked),
    listAudit,
    ...TOKEN_HANDLERS,
  };
}
