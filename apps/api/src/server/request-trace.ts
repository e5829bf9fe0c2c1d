import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { ClientInterceptor } from '@drover/client';
import { traceContextOf, type TraceContext } from '@drover/core';

/** The trace of the request that is being answered. */
const ofRequest = new AsyncLocalStorage<TraceContext>();

/** Of the flags of a `traceparent`: the caller traces. */
const SAMPLED = 1;

/** Runs the rest of a request within the trace that its headers name; a caller that does not trace is in none. */
export function withinRequestTrace({ traceparent, tracestate }: IncomingHttpHeaders, run: () => void): void {
  const trace = traceContextOf(traceparent, tracestate);
  if (trace === null || !isSampled(trace)) run();
  else ofRequest.run(trace, run);
}

const isSampled = ({ traceparent }: TraceContext): boolean =>
  (parseInt(traceparent.slice(-2), 16) & SAMPLED) === SAMPLED;

/** Tasks that a request submits go with its trace. */
export const requestTraces: ClientInterceptor = {
  submitting: () => ofRequest.getStore(),
  writing: (batch) => {
    for (let index = 0; index < batch.size; index++) {
      const trace = batch.carriedBy(index) as TraceContext | undefined;
      if (trace !== undefined) batch.setTrace(index, trace);
    }
    return undefined;
  },
};
