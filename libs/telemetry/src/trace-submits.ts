import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as traces,
  TraceFlags,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { BatchBeingWritten, BatchObserver, ClientInterceptor, TraceContext } from '@drover/core';
import { ATTRIBUTES, messaging, tracerOf } from './attributes.js';
import { remoteContext, toTraceContext } from './contexts.js';
import { checkRatio, samplerOf } from './sampling.js';

/** As many as an SDK keeps of one span. */
const MOST_LINKS = 128;

export interface TraceSubmitsOptions {
  /** Default: the one that the program has registered. */
  provider?: TracerProvider;
  /** Of the tasks whose caller has no span: so many are traced, from 0 (default) to 1. */
  ratio?: number;
  /**
   * The caller's place in a trace where no span is active, as `TRACEPARENT` of a command has it; or a function that tells it of
   * whoever calls now.
   */
  parent?: TraceContext | null | (() => TraceContext | undefined);
  /**
   * Each traced task has a span of its own (`create`) with which it goes; the span of its batch links to them. Default false: tasks of
   * one batch and caller go with one span.
   */
  traceEach?: boolean;
}

/**
 * Traces submits: `connect(zk, { interceptors: [traceSubmits()] })`. A task is traced if its caller's span is sampled, or
 * if it has no such span, by `ratio`. Only then is a span made: one for each batch and caller.
 */
export function traceSubmits(options: TraceSubmitsOptions = {}): ClientInterceptor {
  const { provider, parent = null, traceEach = false } = options;
  const ratio = checkRatio(options.ratio ?? 0);
  const given = typeof parent === 'function' ? remoteContexts(parent) : remoteContexts(() => parent ?? undefined);
  const makeSpan = traceEach ? submitSpanOfEach : submitSpan;
  return {
    submitting: () => callersContext() ?? given(),
    writing: (batch) => {
      const groups = sampledOf(batch, ratio);
      if (groups === null) return undefined;
      const tracer = tracerOf(provider);
      return observerOf([...groups].flatMap(([caller, indexes]) => makeSpan(tracer, batch, caller, indexes) ?? []));
    },
  };
}

/** Tasks of one caller have one context: by that they are told apart. */
function remoteContexts(caller: () => TraceContext | undefined): () => Context | undefined {
  const known = new WeakMap<TraceContext, Context>();
  return () => {
    const trace = caller();
    if (trace === undefined) return undefined;
    const remote = known.get(trace) ?? remoteContext(trace);
    known.set(trace, remote);
    return remote;
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

const isSampled = (span: SpanContext | undefined): boolean => ((span?.traceFlags ?? 0) & TraceFlags.SAMPLED) !== 0;

const isFlagged = (caller: Context): boolean => isSampled(traces.getSpanContext(caller));

/** Each task goes with its own span; the span of the batch links to as many of them as a span may. */
function submitSpanOfEach(
  tracer: Tracer,
  batch: BatchBeingWritten,
  caller: Context = ROOT_CONTEXT,
  indexes: readonly number[],
): Span | undefined {
  const links: Link[] = [];
  for (const index of indexes) {
    const created = createSpan(tracer, batch, caller, index);
    if (created === undefined) continue;
    if (links.length < MOST_LINKS) links.push({ context: created });
    batch.setTrace(index, toTraceContext(created));
  }
  return links.length === 0 ? undefined : startSubmit(tracer, batch, { caller, indexes, kind: SpanKind.CLIENT, links });
}

/** `undefined`: the program's own sampler is against it. */
function createSpan(tracer: Tracer, batch: BatchBeingWritten, caller: Context, index: number): SpanContext | undefined {
  const attributes = {
    ...messaging(batch.queue, 'create', 'create'),
    [ATTRIBUTES.messageId]: batch.idOf(index),
    [ATTRIBUTES.type]: batch.typeOf(index),
  };
  const span = tracer.startSpan(`create ${batch.queue}`, { kind: SpanKind.PRODUCER, attributes }, caller);
  span.end();
  return isSampled(span.spanContext()) ? span.spanContext() : undefined;
}

/** `undefined`: the program's own sampler is against it. */
function submitSpan(
  tracer: Tracer,
  batch: BatchBeingWritten,
  caller: Context = ROOT_CONTEXT,
  indexes: readonly number[],
): Span | undefined {
  const kind = indexes.length === 1 ? SpanKind.PRODUCER : SpanKind.CLIENT;
  const span = startSubmit(tracer, batch, { caller, indexes, kind, links: [] });
  if (!span.isRecording()) return undefined;
  const trace = toTraceContext(span.spanContext());
  for (const index of indexes) batch.setTrace(index, trace);
  return span;
}

interface Submit {
  caller: Context;
  indexes: readonly number[];
  kind: SpanKind;
  links: Link[];
}

function startSubmit(tracer: Tracer, batch: BatchBeingWritten, { caller, indexes, kind, links }: Submit): Span {
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
  return tracer.startSpan(`submit ${batch.queue}`, { kind, attributes, links }, caller);
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
