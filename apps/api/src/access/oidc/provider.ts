import type { OidcConfig } from '@drover/config';
import type { Log } from '@drover/observability';
import { messageOf, type Runtime } from '@drover/runtime';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import * as oauth from 'oauth4webapi';
import { ApiError } from '../../api-error.js';

const WITHIN_MS = 10_000;
const RETRY_AFTER_MS = 5_000;
/** Keys are read again so often, and at most so often for a token whose key is not known. */
const KEYS_GOOD_FOR_MS = 10 * 60_000;
const KEYS_COOLDOWN_MS = 30_000;
const CLOCK_TOLERANCE_S = 60;

/** Of one sign-in, kept in a cookie of the browser that began it. */
export interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

interface Known {
  readonly server: oauth.AuthorizationServer;
  readonly keys: JWTVerifyGetKey;
}

/** The OpenID provider. It is asked about itself when it is first needed, and again while it does not answer. */
export class Provider {
  readonly #config: OidcConfig;
  readonly #runtime: Runtime;
  readonly #log: Log;
  #known: Promise<Known> | null = null;
  #failedAt = -Infinity;

  constructor(config: OidcConfig, { runtime, log }: { runtime: Runtime; log: Log }) {
    this.#config = config;
    this.#runtime = runtime;
    this.#log = log;
  }

  /** The address to which the browser goes, and what its answer will be held to. */
  async begin(redirectUri: string): Promise<{ url: string; pending: Pending }> {
    const { server } = await this.#ask();
    if (server.authorization_endpoint === undefined) throw unavailable('it has no authorization endpoint');
    const pending = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
    };
    const { clientId, scopes } = this.#config;
    const query = {
      ...{ client_id: clientId, response_type: 'code', redirect_uri: redirectUri, scope: scopes.join(' ') },
      ...{ state: pending.state, nonce: pending.nonce, code_challenge_method: 'S256' },
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    };
    const url = new URL(server.authorization_endpoint);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { url: url.href, pending };
  }

  /** The claims of who came back. Rejects where anything is not as it was begun. */
  async finish(answer: URLSearchParams, redirectUri: string, pending: Pending): Promise<JWTPayload> {
    const { server } = await this.#ask();
    const { clientId, claim } = this.#config;
    const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_S };
    const code = oauth.validateAuthResponse(server, client, answer, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      this.#authentication(server),
      code,
      redirectUri,
      pending.verifier,
      this.#options(),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    const claims = await this.verify(tokens.id_token ?? '', clientId);
    if (Object.hasOwn(claims, claim) || server.userinfo_endpoint === undefined) return claims;
    const asked = await oauth.userInfoRequest(server, client, tokens.access_token, this.#options());
    return { ...(await oauth.processUserInfoResponse(server, client, claims.sub ?? '', asked)), ...claims };
  }

  /** The claims of a token that the provider signed for this audience. Rejects with an error of `jose`. */
  async verify(token: string, audience = this.#config.audience): Promise<JWTPayload> {
    const { keys } = await this.#ask();
    const { issuer, algorithms } = this.#config;
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer, audience, algorithms: [...algorithms], clockTolerance: CLOCK_TOLERANCE_S },
      requiredClaims: ['exp', 'sub'],
      currentDate: new Date(this.#runtime.now()),
    }).catch(toUnavailable);
    return payload;
  }

  #authentication({ token_endpoint_auth_methods_supported: methods }: oauth.AuthorizationServer): oauth.ClientAuth {
    const { clientSecret } = this.#config;
    if (clientSecret === null) return oauth.None();
    const onlyPost = methods?.includes('client_secret_post') === true && !methods.includes('client_secret_basic');
    return onlyPost ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
  }

  #options(): { signal: AbortSignal } {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it warns of TLS that is missing: settings allow that on loopback only
    const plain = { [oauth.allowInsecureRequests]: this.#config.issuer.startsWith('http:') };
    return { signal: AbortSignal.timeout(WITHIN_MS), ...plain };
  }

  /** Rejects with `ApiError` `sign-in-unavailable`. */
  async #ask(): Promise<Known> {
    if (this.#known === null && this.#runtime.monotonic() - this.#failedAt < RETRY_AFTER_MS)
      throw unavailable('it did not answer a moment ago');
    this.#known ??= this.#discover();
    try {
      return await this.#known;
    } catch (error) {
      this.#known = null;
      this.#failedAt = this.#runtime.monotonic();
      this.#log.event('api.provider-unreachable', { issuer: this.#config.issuer, reason: messageOf(error) });
      throw unavailable(messageOf(error));
    }
  }

  async #discover(): Promise<Known> {
    const issuer = new URL(this.#config.issuer);
    const response = await oauth.discoveryRequest(issuer, this.#options());
    const server = await oauth.processDiscoveryResponse(issuer, response);
    if (server.jwks_uri === undefined) throw new Error('it names no keys (jwks_uri)');
    const keys = createRemoteJWKSet(new URL(server.jwks_uri), {
      ...{ cacheMaxAge: KEYS_GOOD_FOR_MS, cooldownDuration: KEYS_COOLDOWN_MS, timeoutDuration: WITHIN_MS },
    });
    return { server, keys };
  }
}

/** An error that says nothing of the token: its keys could not be read. */
function toUnavailable(error: unknown): never {
  const isOfToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
  throw isOfToken ? error : unavailable(messageOf(error));
}

const unavailable = (why: string): ApiError =>
  new ApiError('sign-in-unavailable', `the OpenID provider cannot be asked now: ${why}`, {
    retryAfterMs: RETRY_AFTER_MS,
  });
