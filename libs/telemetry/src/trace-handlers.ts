import { context, trace as traces, ROOT_CONTEXT, type Span, type TracerProvider } from '@opentelemetry/api';
import type { HandlerCall, HandlerInterceptor } from '@drover/core';
import { tracerOf } from './attributes.js';
import { withinTrace } from './contexts.js';
import { endProcessSpan, processSpan, type TraceMode } from './process-span.js';

export interface TraceHandlersOptions {
  /** Default: the one that the module has registered. */
  provider?: TracerProvider;
  /** Default `link`. */
  mode?: TraceMode;
}

/**
 * Traces handlers with the SDK that their own module has set up: `export const interceptors = [traceHandlers()]`. At a
 * worker with `--otlp-endpoint` the span of the attempt is there already, and this only makes it the parent of what the
 * handler does.
 */
export function traceHandlers({ provider, mode = 'link' }: TraceHandlersOptions = {}): HandlerInterceptor {
  return {
    around: (call, next) => {
      const { trace } = call.context;
      if (trace === undefined) return next();
      if (trace.span === 'attempt') return withinTrace(trace, next);
      return traced(processSpan(tracerOf(provider), attemptOf(call), mode), call, next);
    },
  };
}

function attemptOf({ type, queue, context: { id: task, attempt, fencingToken, worker, trace } }: HandlerCall) {
  return { task, type, queue, attempt, fencingToken, worker, trace };
}

function traced(span: Span, call: HandlerCall, next: () => unknown): unknown {
  const failed = (error: unknown): never => {
    endProcessSpan(span, outcomeOf(call), failureOf(error));
    throw error;
  };
  const succeeded = (result: unknown): unknown => {
    endProcessSpan(span, 'succeeded', null);
    return result;
  };
  return context.with(traces.setSpan(ROOT_CONTEXT, span), () => {
    let result: unknown;
    try {
      result = next();
    } catch (error) {
      return failed(error);
    }
    return isThenable(result) ? Promise.resolve(result).then(succeeded, failed) : succeeded(result);
  });
}

/** The handler threw: because it was asked to end, or by itself. */
function outcomeOf({ context: { signal } }: HandlerCall): string {
  if (!signal.aborted) return 'failed';
  const { abortCause } = (signal.reason ?? {}) as { abortCause?: unknown };
  return typeof abortCause === 'string' ? abortCause : 'aborted';
}

const failureOf = (error: unknown): { name: string; message: string } =>
  error instanceof Error ? error : { name: 'ThrownNonError', message: String(error) };

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
