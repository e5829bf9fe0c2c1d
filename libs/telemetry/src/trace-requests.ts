import { SpanKind, SpanStatusCode, type TracerProvider } from '@opentelemetry/api';
import type { TraceContext } from '@drover/core';
import { tracerOf } from './attributes.js';
import { remoteContext, toTraceContext } from './contexts.js';

/** A request to a server over HTTP. */
export interface TracedRequest {
  readonly method: string;
  /** The pattern of its address, such as `/v1/tasks/:id`; absent: there is nothing at its address. */
  readonly route: string | undefined;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** Of the caller, which traces. */
  readonly caller: TraceContext;
}

export interface RequestObserver {
  /** The context for what is done for the request. */
  readonly trace: TraceContext;
  answered(status: number): void;
}

/** Makes the span of a request whose caller traces, by OpenTelemetry's conventions for HTTP. */
export function traceRequest(provider: TracerProvider, request: TracedRequest): RequestObserver {
  const { method, route, path, scheme, caller } = request;
  const span = tracerOf(provider).startSpan(
    route === undefined ? method : `${method} ${route}`,
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': method,
        'url.path': path,
        'url.scheme': scheme,
        ...(route === undefined ? {} : { 'http.route': route }),
      },
    },
    remoteContext(caller),
  );
  return {
    trace: toTraceContext(span.spanContext()),
    answered: (status) => {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) {
        span.setAttribute('error.type', String(status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}
