import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientInterceptor } from '@drover/client';
import { traceContextOf, type TraceContext } from '@drover/core';
import type { FastifyRequest } from 'fastify';
import type { Tracing } from '../tracing.js';

/** The trace of the request that is being answered. */
const ofRequest = new AsyncLocalStorage<TraceContext>();

/** Of the flags of a `traceparent`: the caller traces. */
const SAMPLED = 1;

/** The place in a trace of whoever asks now; `undefined`: in none. */
export const callersTrace = (): TraceContext | undefined => ofRequest.getStore();

/**
 * Runs the rest of a request within the trace that its headers name; a caller that does not trace is in none. `tracing`: the request
 * has a span of its own then; null: it has none.
 */
export function withinRequestTrace(
  request: FastifyRequest,
  tracing: Pick<Tracing, 'request'> | null,
  run: () => void,
): void {
  const { traceparent, tracestate } = request.headers;
  const trace = traceContextOf(traceparent, tracestate);
  if (trace === null || !isSampled(trace)) return run();
  request.observer = tracing?.request(request, trace) ?? null;
  ofRequest.run(request.observer?.trace ?? trace, run);
}

const isSampled = ({ traceparent }: TraceContext): boolean =>
  (parseInt(traceparent.slice(-2), 16) & SAMPLED) === SAMPLED;

/** Tasks that a request submits go with its trace. */
export const requestTraces: ClientInterceptor = {
  submitting: callersTrace,
  writing: (batch) => {
    for (let index = 0; index < batch.size; index++) {
      const trace = batch.carriedBy(index) as TraceContext | undefined;
      if (trace !== undefined) batch.setTrace(index, trace);
    }
    return undefined;
  },
};
