import {
  context,
  createTraceState,
  ROOT_CONTEXT,
  trace as traces,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import type { TraceContext } from '@drover/core';

/** The form of W3C Trace Context to OpenTelemetry's, and back. */

export function toSpanContext({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId = '', spanId = '', flags = '0'] = traceparent.split('-');
  const state = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) };
  return { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true, ...state };
}

export function toTraceContext({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize() ?? '';
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}

/** A context whose parent is the span of another process. */
export const remoteContext = (trace: TraceContext): Context =>
  traces.setSpanContext(ROOT_CONTEXT, toSpanContext(trace));

/** Runs `run` with the span of another process as the parent of what is begun in it. */
export function withinTrace<T>(trace: TraceContext, run: () => T): T {
  return context.with(remoteContext(trace), run);
}
