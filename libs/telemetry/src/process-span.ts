import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { parseTaskId, timeOfBatch, type TraceContext } from '@drover/core';
import { ATTRIBUTES, messaging } from './attributes.js';
import { remoteContext, toSpanContext } from './contexts.js';

/**
 * How an attempt belongs to its submit. `link`: it is a trace of its own that links to it, so that a task which is tried
 * for days does not make a trace of days. `parent`: it is a child of it.
 */
export const TRACE_MODES = ['link', 'parent'] as const;
export type TraceMode = (typeof TRACE_MODES)[number];

/** An attempt, as far as whoever makes its span knows it. */
export interface TracedAttempt {
  readonly task: string;
  readonly type: string;
  readonly queue: string;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly worker: string;
  /** Milliseconds since 1970; absent: now. */
  readonly startedAt?: number;
  readonly assignment?: string;
  readonly waitedMs?: number;
  /** Of the submit; absent: that is not traced. */
  readonly trace?: TraceContext | undefined;
}

/** Begins the span of an attempt. */
export function processSpan(tracer: Tracer, attempt: TracedAttempt, mode: TraceMode): Span {
  const { queue, trace, startedAt } = attempt;
  const isChild = trace !== undefined && mode === 'parent';
  return tracer.startSpan(
    `process ${queue}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: attributesOf(attempt),
      ...(isChild ? {} : { root: true }),
      ...(trace === undefined || isChild ? {} : { links: [{ context: toSpanContext(trace) }] }),
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
    },
    isChild ? remoteContext(trace) : ROOT_CONTEXT,
  );
}

function attributesOf(attempt: TracedAttempt): Attributes {
  const { task, type, queue, fencingToken, worker, startedAt, assignment, waitedMs } = attempt;
  const batch = parseTaskId(task)?.batch;
  const submittedAt = batch === undefined ? undefined : timeOfBatch(batch);
  return {
    ...messaging(queue, 'process', 'process'),
    [ATTRIBUTES.messageId]: task,
    [ATTRIBUTES.clientId]: worker,
    [ATTRIBUTES.type]: type,
    [ATTRIBUTES.attempt]: attempt.attempt,
    // It may be larger than a double holds exactly.
    [ATTRIBUTES.fencingToken]: String(fencingToken),
    ...(assignment === undefined ? {} : { [ATTRIBUTES.assignment]: assignment }),
    ...(waitedMs === undefined ? {} : { [ATTRIBUTES.workerWait]: Math.round(waitedMs) }),
    ...(startedAt === undefined || submittedAt === undefined ? {} : { [ATTRIBUTES.age]: startedAt - submittedAt }),
  };
}

/** Ends it. `endedAt`: milliseconds since 1970; absent: now. */
export function endProcessSpan(
  span: Span,
  outcome: string,
  error: { name: string; message: string } | null,
  endedAt?: number,
): void {
  span.setAttribute(ATTRIBUTES.outcome, outcome);
  if (error !== null) {
    span.setAttribute(ATTRIBUTES.errorType, error.name);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end(endedAt);
}
