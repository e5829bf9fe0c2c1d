import { messageOf } from '@drover/runtime';
import { ApiError } from '../api-error.js';
import type { Answer, Asked } from '../handlers/handler.js';
import type { HandlersHome } from './access-handlers.js';
import { cookieNamed, sealSession, sessionCookie } from './browser-session.js';
import { Buckets } from './buckets.js';
import { NOBODY, type Caller } from './caller.js';
import { hostHeader } from './checks.js';
import { refuse } from './identify.js';
import { beginLogin, finishLogin, SignInFault } from './oidc/login.js';

/** An address may fail to sign in so often. */
const FAILED = { perSecond: 5 / 60, burst: 5 };
const LOGIN_COOKIE = 'drover-login';
const LOGIN_COOKIE_S = 600;

/** Gives browsers the cookie by which they are known. */
export class SignIn {
  readonly #home: HandlersHome;
  readonly #failed = new Buckets(FAILED);

  constructor(home: HandlersHome) {
    this.#home = home;
  }

  async byToken(asked: Asked): Promise<Answer> {
    const { identifier, about } = this.#home;
    const { credentials, runtime, config } = identifier;
    this.#mayTry(asked);
    try {
      if (!config.methods.includes('token'))
        throw new ApiError('unauthenticated', `this server takes no tokens; it takes ${config.methods.join(', ')}`);
      const found = credentials.tokens.check((asked.body as { token: string }).token, runtime.now());
      const caller = typeof found === 'string' ? refuse(found, credentials.tokens) : found;
      const answer = { status: 200, json: about(caller), headers: { 'set-cookie': this.#cookieOf(caller) } };
      this.#note(asked, caller, 'signIn', null);
      return answer;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthenticated') this.#failedToSignIn(asked, 'signIn', null);
      throw error;
    }
  }

  async begin(asked: Asked): Promise<Answer> {
    const { identifier, basePath } = this.#home;
    const { provider, credentials, runtime } = identifier;
    if (provider === null) throw new ApiError('not-found', 'this server has no OpenID provider (--api-auth oidc)');
    const to = asked.query.to;
    const { url, cookie } = await beginLogin(provider, {
      ...{ redirectUri: `${this.#origin(asked)}${basePath}/v1/callback`, fallback: `${basePath}/ui/` },
      ...{ to: typeof to === 'string' ? to : undefined, now: runtime.now(), key: credentials.sealKey() },
    });
    return {
      status: 302,
      headers: { location: url, 'cache-control': 'no-store', 'set-cookie': this.#loginCookie(cookie) },
    };
  }

  async finish(asked: Asked): Promise<Answer> {
    const { identifier, basePath } = this.#home;
    const { provider, config, credentials, runtime } = identifier;
    if (provider === null || config.oidc === null)
      throw new ApiError('not-found', 'this server has no OpenID provider (--api-auth oidc)');
    this.#mayTry(asked);
    try {
      const { caller, to } = await finishLogin(provider, config.oidc, {
        ...{ answer: new URLSearchParams(asked.query as Record<string, string>), now: runtime.now() },
        ...{ cookie: cookieNamed(LOGIN_COOKIE, cookieHeader(asked)), keys: credentials.keys },
      });
      const headers = { location: to, 'cache-control': 'no-store', 'set-cookie': this.#cookieOf(caller) };
      this.#note(asked, caller, 'login', null);
      return { status: 302, headers };
    } catch (error) {
      if (!(error instanceof SignInFault)) throw error;
      this.#failedToSignIn(asked, 'login', messageOf(error).slice(0, 1_024));
      const location = `${basePath}/ui/?sign-in=${error.why}`;
      return { status: 302, headers: { location, 'cache-control': 'no-store' } };
    }
  }

  #cookieOf({ name, auth, roles, queues, token }: Caller): string {
    const { identifier, secure } = this.#home;
    const now = identifier.runtime.now();
    const session = {
      ...{ name, auth: auth === 'session' ? ('none' as const) : auth, roles: [...roles], at: now, seenAt: now },
      queues: queues === null ? null : [...queues],
      ...(token === undefined ? {} : { token }),
    };
    return sessionCookie(sealSession(session, identifier.credentials.sealKey()), secure);
  }

  /** Sent with the navigation that comes back from the provider, which is another site. */
  #loginCookie(value: string): string {
    const { basePath, secure } = this.#home;
    const flags = `HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    return `${LOGIN_COOKIE}=${value}; Path=${basePath}/v1/callback; Max-Age=${LOGIN_COOKIE_S}; ${flags}`;
  }

  /** As the browser sees this server: its `Host` was checked. */
  #origin({ headers }: Asked): string {
    const host = hostHeader(headers) ?? 'localhost';
    return `${this.#home.secure ? 'https' : 'http'}://${host}`;
  }

  #mayTry({ from }: Asked): void {
    const retryAfterMs = this.#failed.waitMs(from, this.#home.identifier.runtime.monotonic());
    if (retryAfterMs > 0)
      throw new ApiError('too-many-requests', `too many failed sign-ins from ${from}; wait`, { retryAfterMs });
  }

  #failedToSignIn(asked: Asked, action: string, reason: string | null): void {
    this.#failed.take(asked.from, this.#home.identifier.runtime.monotonic());
    this.#note(asked, NOBODY, action, reason, 'unauthenticated');
  }

  #note(
    { from, requestId }: Asked,
    caller: Caller,
    action: string,
    reason: string | null,
    code: string | null = null,
  ): void {
    this.#home.audit.note({ caller, from, action, object: null, reason, ok: code === null, code, requestId });
  }
}

const cookieHeader = ({ headers }: Asked): string | undefined =>
  typeof headers.cookie === 'string' ? headers.cookie : undefined;
