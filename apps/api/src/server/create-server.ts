import { ROUTES } from '@drover/api';
import compress from '@fastify/compress';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:zlib';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import type { Handlers } from '../handlers/handler.js';
import type { Tracing } from '../tracing.js';
import { answeredByLeader } from './forward.js';
import { addInternalRoutes } from './internal.js';
import { withinRequestTrace } from './request-trace.js';
import { MOST_BYTES } from './problem.js';
import { addJsonParser } from './json-body.js';
import { incomingOf, refuse, refuseConnection } from './requests.js';
import { stampOf } from './stamp.js';
import { addStatic } from './static.js';
import { addRoute } from './table-route.js';

/** JSON above this many bytes is compressed. */
const COMPRESS_FROM = 1_024;
const KEEP_ALIVE_MS = 72_000;
const NDJSON = 'application/x-ndjson';

export interface ServerOptions {
  context: ApiContext;
  handlers: Handlers;
  basePath: string;
  corsOrigins: readonly string[];
  /** Options for TLS; null: plain HTTP. */
  tls: object | null;
  /** Null: requests have no spans. */
  tracing: Tracing | null;
}

/** The HTTP server: every route of the table, what replicas ask each other, and the dashboard. It does not listen yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { context, handlers, basePath, corsOrigins, tls, tracing } = options;
  const server = fastify({
    bodyLimit: MOST_BYTES,
    forceCloseConnections: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    rewriteUrl: ({ url = '/' }) => withoutBase(url, basePath),
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      void refuse(context, error, request, reply),
    clientErrorHandler: refuseConnection,
    ...(tls ?? {}),
  } as object) as unknown as FastifyInstance;
  server.decorateRequest('drover', null);
  server.decorateRequest('begunAt', 0);
  server.decorateRequest('admission', null);
  server.decorateRequest('observer', null);
  addJsonParser(server);
  server.addContentTypeParser(NDJSON, (_request, payload, done) => done(null, payload));
  server.addHook('onRequest', (request, _reply, done) => withinRequestTrace(request, tracing, done));
  server.addHook('onRequest', async (request, reply) => {
    request.begunAt = context.runtime.monotonic();
    reply.headers({ 'drover-request-id': request.id, ...context.access.securityHeaders, ...stampOf(context) });
    allowOrigin(request, reply, corsOrigins);
  });
  server.addHook('onResponse', (request, reply, done) => {
    measure(context, request, reply.statusCode);
    request.observer?.answered(reply.statusCode);
    done();
  });
  server.setErrorHandler((error, request, reply) => refuse(context, error, request, reply));
  server.setNotFoundHandler(async (request, reply) => {
    await context.access.admit(incomingOf(request), null);
    return refuse(context, unknownAddress(request), request, reply);
  });
  await server.register(compress, {
    threshold: COMPRESS_FROM,
    encodings: ['br', 'gzip'],
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  });
  for (const route of ROUTES) {
    const handler = handlers[route.name] ?? notOffered;
    addRoute(server, route, answeredByLeader(route, handler), context);
  }
  addInternalRoutes(server, handlers, context);
  await addStatic(server, context, basePath);
  return server;
}

/** Handlers' `notOffered`: the table has the route, and this release has nobody who answers it. */
const notOffered = (): Promise<never> =>
  Promise.reject(new ApiError('not-found', 'this release does not answer at this address yet'));

function withoutBase(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  return rest === '' ? '/' : /^[/?]/.test(rest) ? rest.replace(/^\?/, '/?') : url;
}

/** The methods that the address takes, if it is one. */
function unknownAddress({ method, url }: FastifyRequest): ApiError {
  const path = url.split('?')[0] ?? '/';
  const allowed = [...new Set(ROUTES.filter((route) => isAt(route.path, path)).map((route) => route.method))];
  if (allowed.length === 0)
    return new ApiError('not-found', `there is nothing at ${shortened(path)}; /openapi.json lists every address`);
  return new ApiError('method-not-allowed', `${shortened(path)} takes ${allowed.join(', ')}, not ${method}`, {
    allowed,
  });
}

function isAt(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => part === given[i] || (part.startsWith(':') && given[i] !== ''))
  );
}

const shortened = (path: string): string => (path.length > 200 ? `${path.slice(0, 200)}...` : path);

/** Pages of these origins, and no others, may read the answers. */
function allowOrigin(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): void {
  if (origins.length === 0) return;
  reply.header('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'Drover-Revision, Drover-Leader, Drover-Epoch, Drover-Answered-By, Drover-Age-Ms, Drover-Request-Id, ETag, Retry-After',
  });
  if (request.method !== 'OPTIONS') return;
  reply.headers({
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers':
      'Authorization, Content-Type, If-None-Match, Idempotency-Key, Last-Event-ID, Prefer',
    'access-control-max-age': '600',
  });
}

function measure({ metrics, runtime }: ApiContext, { drover, method, begunAt }: FastifyRequest, status: number): void {
  const route = drover?.name ?? 'other';
  metrics.count('drover_api_requests_total', {
    route,
    method: METHODS.has(method) ? method : 'other',
    code: String(status),
  });
  if (drover !== null && !WAITING.has(drover.name))
    metrics.observe('drover_api_request_seconds', { route }, (runtime.monotonic() - begunAt) / 1_000);
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Streams have no duration. */
const WAITING = new Set(['streamEvents', 'getLogs']);
