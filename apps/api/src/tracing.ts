import type { ClientInterceptor } from '@drover/client';
import type { TraceContext } from '@drover/core';
import type { Log } from '@drover/observability';
import type { RequestObserver } from '@drover/telemetry';
import type { FastifyRequest } from 'fastify';
import { callersTrace } from './server/request-trace.js';
import type { ApiThreadData } from './thread-data.js';

/** The spans of requests whose callers trace, and of their submits, on their way to a receiver. */
export interface Tracing {
  readonly interceptors: readonly ClientInterceptor[];
  request(request: FastifyRequest, caller: TraceContext): RequestObserver;
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
}

/** `null`: there is no receiver, and nothing is loaded. Rejects with `TracingUnavailableError`. */
export async function startTracing({ tracing, identity }: ApiThreadData, log: Log): Promise<Tracing | null> {
  if (tracing === null) return null;
  const { endpoint } = tracing;
  const { id: name, version } = identity;
  const telemetry = await import('@drover/telemetry');
  const { provider, close } = await telemetry.startTracing({
    ...{ endpoint, name, version, service: 'drover-api' },
    onFailed: (reason) => log.event('tracing.failed', { endpoint, reason }),
  });
  return {
    interceptors: [telemetry.traceSubmits({ provider, parent: callersTrace })],
    request: ({ method, url, protocol: scheme, routeOptions }, caller) => {
      const [path = '/'] = url.split('?');
      return telemetry.traceRequest(provider, { method, route: routeOptions.url, path, scheme, caller });
    },
    close,
  };
}
