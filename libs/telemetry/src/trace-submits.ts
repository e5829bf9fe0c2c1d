import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as traces,
  TraceFlags,
  type Context,
  type Span,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { BatchBeingWritten, BatchObserver, ClientInterceptor, TraceContext } from '@drover/core';
import { ATTRIBUTES, messaging, tracerOf } from './attributes.js';
import { remoteContext, toTraceContext } from './contexts.js';
import { checkRatio, samplerOf } from './sampling.js';

export interface TraceSubmitsOptions {
  /** Default: the one that the program has registered. */
  provider?: TracerProvider;
  /** Of the tasks whose caller has no span: so many are traced, from 0 (default) to 1. */
  ratio?: number;
  /** The caller's place in a trace where no span is active, as `TRACEPARENT` of a command has it. */
  parent?: TraceContext | null;
}

/**
 * Traces submits: `connect(zk, { interceptors: [traceSubmits()] })`. A task is traced if its caller's span is sampled, or
 * if it has no such span, by `ratio`. Only then is a span made: one for each batch and caller.
 */
export function traceSubmits(options: TraceSubmitsOptions = {}): ClientInterceptor {
  const { provider, parent = null } = options;
  const ratio = checkRatio(options.ratio ?? 0);
  const given = parent === null ? undefined : remoteContext(parent);
  return {
    submitting: () => callersContext() ?? given,
    writing: (batch) => {
      const groups = sampledOf(batch, ratio);
      if (groups === null) return undefined;
      const tracer = tracerOf(provider);
      return observerOf([...groups].flatMap(([caller, indexes]) => submitSpan(tracer, batch, caller, indexes) ?? []));
    },
  };
}

/** `undefined`: the caller is in no trace. */
function callersContext(): Context | undefined {
  const active = context.active();
  const span = traces.getSpanContext(active);
  return span !== undefined && isSpanContextValid(span) ? active : undefined;
}

/** The tasks of the batch that are traced, by their caller's context; `null`: none are. */
function sampledOf(batch: BatchBeingWritten, ratio: number): Map<Context | undefined, number[]> | null {
  const isChosen = samplerOf(batch.id, ratio);
  let groups: Map<Context | undefined, number[]> | null = null;
  for (let index = 0; index < batch.size; index++) {
    const caller = batch.carriedBy(index) as Context | undefined;
    if (caller === undefined ? !isChosen(index) : !isFlagged(caller)) continue;
    groups ??= new Map();
    const indexes = groups.get(caller);
    if (indexes === undefined) groups.set(caller, [index]);
    else indexes.push(index);
  }
  return groups;
}

const isFlagged = (caller: Context): boolean =>
  ((traces.getSpanContext(caller)?.traceFlags ?? 0) & TraceFlags.SAMPLED) !== 0;

/** `undefined`: the program's own sampler is against it. */
function submitSpan(
  tracer: Tracer,
  batch: BatchBeingWritten,
  caller: Context = ROOT_CONTEXT,
  indexes: readonly number[],
): Span | undefined {
  const [first = 0] = indexes;
  const isOne = indexes.length === 1;
  const attributes = {
    ...messaging(batch.queue, 'submit', 'send'),
    [ATTRIBUTES.batch]: batch.id,
    [ATTRIBUTES.server]: batch.server,
    ...(isOne
      ? { [ATTRIBUTES.messageId]: batch.idOf(first), [ATTRIBUTES.type]: batch.typeOf(first) }
      : { [ATTRIBUTES.messageCount]: indexes.length }),
  };
  const kind = isOne ? SpanKind.PRODUCER : SpanKind.CLIENT;
  const span = tracer.startSpan(`submit ${batch.queue}`, { kind, attributes }, caller);
  if (!span.isRecording()) return undefined;
  const trace = toTraceContext(span.spanContext());
  for (const index of indexes) batch.setTrace(index, trace);
  return span;
}

function observerOf(spans: readonly Span[]): BatchObserver {
  return {
    written: (taken) => {
      for (const span of spans) {
        if (taken > 0) span.setAttribute(ATTRIBUTES.taken, taken);
        span.end();
      }
    },
    failed: (error) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      for (const span of spans) {
        span.setAttribute(ATTRIBUTES.errorType, name);
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        span.end();
      }
    },
  };
}
