import { hostname } from 'node:os';
import type { Route } from '@drover/api';
import { isLoopbackHost, type AccessConfig } from '@drover/config';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { ApiError } from '../api-error.js';
import type { Handlers } from '../handlers/handler.js';
import { aboutCaller, accessHandlers } from './access-handlers.js';
import type { Access, Admission, Ended, Incoming } from './access.js';
import { auditedAs, objectOf, reasonOf } from './audited.decide.js';
import { Audit } from './audit.js';
import { cookieName, renewed, sealSession, sessionCookie } from './browser-session.js';
import { Buckets } from './buckets.js';
import { may, NOBODY, type Caller } from './caller.js';
import { checkHost, checkRoute, checkSite } from './checks.js';
import type { OwnHosts } from './hosts.decide.js';
import { identify, type Identified, type Identifier } from './identify.js';
import { Credentials } from './keys/credentials.js';
import { Provider } from './oidc/provider.js';
import { Proxies } from './proxies.js';
import { carriedAs, Redaction, withoutPayloads } from './redact.js';
import { DENIALS, Refusals } from './refusals.js';
import { isProvenBody, isReplicaProof, REPLICA_HEADER, replicaProof } from './replica-proof.js';
import { SECURITY_HEADERS, TLS_HEADERS } from './security-headers.js';

/** A caller may ask so often. */
const REQUESTS = { perSecond: 200, burst: 400 };

export interface AccessOptions {
  config: AccessConfig;
  /** Path below which a proxy shows the API; empty: none. */
  basePath: string;
  /** URL that others are told; null: none was given. */
  advertise: string | null;
  /** Origins whose pages may call it. */
  corsOrigins: readonly string[];
  schedulerId: string;
  version: string;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  /** The current handle, once it is connected. */
  zk: () => Promise<ZooKeeper>;
}

/** Begins to follow nothing until `start`. */
export const createAccess = (options: AccessOptions): Access => new ApiAccess(options);

class ApiAccess implements Access {
  readonly audit: Audit;
  readonly handlers: Handlers;
  readonly securityHeaders: Readonly<Record<string, string>>;
  readonly #options: AccessOptions;
  readonly #credentials: Credentials;
  readonly #identifier: Identifier;
  readonly #hosts: OwnHosts;
  readonly #secure: boolean;
  readonly #refusals: Refusals;
  readonly #redaction: Redaction;
  readonly #requests = new Buckets(REQUESTS);

  constructor(options: AccessOptions) {
    const { config, runtime, log, basePath, advertise } = options;
    this.#options = options;
    this.#credentials = new Credentials(options);
    this.audit = new Audit(options);
    this.#redaction = new Redaction(config.redact);
    this.#refusals = new Refusals({ ...options, audit: this.audit });
    this.#secure = config.tls !== null || advertise?.startsWith('https:') === true;
    this.securityHeaders = this.#secure ? { ...SECURITY_HEADERS, ...TLS_HEADERS } : SECURITY_HEADERS;
    this.#hosts = hostsOf(options);
    this.#identifier = {
      ...{ config, runtime, credentials: this.#credentials, cookie: cookieName(this.#secure) },
      provider: config.oidc === null ? null : new Provider(config.oidc, { runtime, log }),
      proxies: new Proxies(config.proxy),
    };
    const home = { identifier: this.#identifier, audit: this.audit, secure: this.#secure, basePath };
    this.handlers = accessHandlers({ ...home, about: (caller) => aboutCaller(caller, options) });
  }

  start(): Promise<void> {
    const { config, log } = this.#options;
    const { host, port } = config.listen;
    const reason = exposure(config);
    if (reason !== null) log.event('api.exposed', { listen: `${host}:${port}`, reason });
    return this.#credentials.start();
  }

  async close(): Promise<void> {
    this.#credentials.close();
  }

  async admit(incoming: Incoming, route: Route | null): Promise<Admission> {
    const { config, corsOrigins } = this.#options;
    const from = this.#identifier.proxies.clientOf(incoming.socket.remoteAddress ?? '', incoming.headers);
    let caller = NOBODY;
    try {
      checkHost(incoming, this.#hosts);
      if (route === null) return { caller, from, headers: {} };
      const identified = await identify(incoming, this.#identifier);
      caller = identified?.caller ?? NOBODY;
      checkSite(incoming, identified, config.methods.includes('none') ? corsOrigins : []);
      this.#checkRate(caller, from);
      checkRoute(caller, route, config);
      return { caller, from, headers: this.#renewal(identified) };
    } catch (error) {
      const of = {
        caller,
        from,
        action: route?.name ?? 'get',
        object: pathOf(incoming),
        requestId: incoming.requestId,
      };
      if (error instanceof ApiError) this.#refusals.note(error, of);
      throw error;
    }
  }

  ended({ requestId }: Incoming, route: Route, { caller, from }: Admission, ended: Ended): void {
    const { code, status, audit } = ended;
    if (code !== null && DENIALS.has(code)) this.#options.metrics.count('drover_api_denied_total', { code });
    const action = auditedAs(route, ended, caller) ?? (code === 'forbidden' ? route.name : null);
    if (action === null) return;
    const about = { object: objectOf(ended), reason: reasonOf(ended), ok: status < 400, code };
    const count = audit?.count === undefined ? {} : { count: audit.count };
    this.audit.note({ caller, from, action, requestId, ...about, ...count });
  }

  shownTask<View extends object>(view: View, caller: Caller): View {
    if (!may(caller, 'see-payloads')) return withoutPayloads(view);
    return carriedAs(view, (value) => this.#redaction.shown(value));
  }

  shownValue(value: unknown): unknown {
    return this.#redaction.shown(value);
  }

  returnedValue(value: unknown): unknown {
    return this.#redaction.returned(value);
  }

  replicaHeaders(method: string, url: string, body = ''): Readonly<Record<string, string>> {
    const proof = replicaProof({ method, url, body }, this.#options.runtime.now(), this.#credentials.sealKey());
    return { [REPLICA_HEADER]: proof };
  }

  admitReplica({ method = '', url = '', headers }: Incoming, body?: string): void {
    const proof = headers[REPLICA_HEADER];
    const now = this.#options.runtime.now();
    if (typeof proof === 'string' && isReplicaProof(proof, { method, url }, this.#credentials.keys, now))
      if (body === undefined || isProvenBody(proof, body)) return;
    this.#options.metrics.count('drover_api_denied_total', { code: 'unauthenticated' });
    throw new ApiError('unauthenticated', 'only other replicas of this cluster may ask this');
  }

  untilRevoked(caller: Caller, revoked: () => void): () => void {
    return this.#credentials.untilRevoked(caller, revoked);
  }

  /** Nobody is counted if nobody signs in. */
  #checkRate(caller: Caller, from: string): void {
    const { config, runtime } = this.#options;
    if (config.methods.includes('none')) return;
    const { auth, name, token = `${auth} ${name}` } = caller;
    const retryAfterMs = this.#requests.take(caller === NOBODY ? `from ${from}` : token, runtime.monotonic());
    if (retryAfterMs === 0) return;
    const { perSecond, burst } = REQUESTS;
    const detail = `more than ${perSecond} requests a second, after ${burst} at once; wait ${retryAfterMs} ms`;
    throw new ApiError('too-many-requests', detail, { retryAfterMs });
  }

  #renewal(identified: Identified | null): Record<string, string> {
    const session = identified?.session ?? null;
    const again = session === null ? null : renewed(session, this.#options.runtime.now());
    if (again === null) return {};
    return { 'set-cookie': sessionCookie(sealSession(again, this.#credentials.sealKey()), this.#secure) };
  }
}

const pathOf = ({ url = '' }: Incoming): string => url.split('?')[0]?.slice(0, 200) ?? '';

/** A warning for the start, of what others can do or see; null: nothing that they should not. */
function exposure({ exposed, tls, listen }: AccessConfig): string | null {
  if (exposed) return '--api-insecure: everybody who reaches it may do everything';
  if (tls !== null || isLoopbackHost(listen.host)) return null;
  return 'it has no TLS (--api-tls-cert-file): unless a proxy adds it, those on the way can read tokens and cookies';
}

function hostsOf({ config, advertise }: AccessOptions): OwnHosts {
  const loopback = isLoopbackHost(config.listen.host);
  const advertised = advertise === null ? [] : [new URL(advertise).hostname];
  const own = loopback ? [] : [hostname(), config.listen.host];
  return { loopback, names: new Set([...own, ...advertised, ...config.hosts].map((name) => name.toLowerCase())) };
}
