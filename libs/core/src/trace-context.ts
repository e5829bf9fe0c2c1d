/**
 * The place of a task in a distributed trace, as W3C Trace Context writes it. Only tasks that are sampled have one: a
 * task that nobody looks at carries nothing.
 */
export interface TraceContext {
  /** `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`: version, trace, span, flags. */
  readonly traceparent: string;
  /** Additions of tracing systems for themselves; absent: none. */
  readonly tracestate?: string;
}

/** The trace context that a handler sees. */
export interface HandlerTrace extends TraceContext {
  /** The span that it names: of this attempt, or of the submit if the worker itself makes no spans. */
  readonly span: 'attempt' | 'submit';
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
/** W3C asks for 512 characters at least. */
export const MAX_TRACESTATE = 512;
const TRACESTATE = /^[\x20-\x7e]+$/;

/** Whether the text is a `traceparent` of the version that is in use. */
export const isTraceparent = (text: string): boolean => TRACEPARENT.test(text);

/** Whether the text can go along as `tracestate`. */
export const isTracestate = (text: string): boolean => text.length <= MAX_TRACESTATE && TRACESTATE.test(text);

/** Makes a trace context of what somebody gives; `null` for what is none. A `tracestate` that is none is left out. */
export function traceContextOf(traceparent: unknown, tracestate?: unknown): TraceContext | null {
  if (typeof traceparent !== 'string' || !isTraceparent(traceparent)) return null;
  return typeof tracestate === 'string' && isTracestate(tracestate) ? { traceparent, tracestate } : { traceparent };
}
