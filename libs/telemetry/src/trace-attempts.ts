import type { TracerProvider } from '@opentelemetry/api';
import type { AttemptObserver, StartingAttempt, WorkerInterceptor } from '@drover/core';
import { tracerOf } from './attributes.js';
import { toTraceContext } from './contexts.js';
import { endProcessSpan, processSpan, type TraceMode } from './process-span.js';
import { reportSpan } from './report-span.js';
import { checkRatio, isSampled } from './sampling.js';

export interface TraceAttemptsOptions {
  /** Default: the one that the program has registered. */
  provider?: TracerProvider;
  /** Default `link`. */
  mode?: TraceMode;
  /** Of the tasks that were submitted without a trace, those of schedules too: so many are traced, from 0 (default) to 1. */
  ratio?: number;
  /** Every attempt that fails gets a span, also of tasks that are not traced. Default false. */
  errors?: boolean;
}

/**
 * Makes a span of each traced attempt at a worker, in its main thread: so it is ended with what became of the attempt, also
 * if its handler never answers. Reports that tell of such attempts have a span too.
 */
export function traceAttempts(options: TraceAttemptsOptions = {}): WorkerInterceptor {
  const { mode = 'link', errors = false } = options;
  const ratio = checkRatio(options.ratio ?? 0);
  const tracer = tracerOf(options.provider);
  return {
    starting: (attempt): AttemptObserver | undefined => {
      if (attempt.trace === undefined && !isSampled(attempt.task, ratio)) return undefined;
      const span = processSpan(tracer, attempt, mode);
      if (!span.isRecording()) return undefined;
      return {
        trace: toTraceContext(span.spanContext()),
        ended: ({ outcome, error, endedAt }) => endProcessSpan(span, outcome, error, endedAt),
      };
    },
    reporting: (report) => reportSpan(tracer, report),
    ...(errors
      ? {
          failed: (attempt: StartingAttempt, { outcome, error, endedAt }) =>
            endProcessSpan(processSpan(tracer, attempt, mode), outcome, error, endedAt),
        }
      : {}),
  };
}
