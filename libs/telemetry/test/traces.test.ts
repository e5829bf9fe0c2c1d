import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace as traces } from '@opentelemetry/api';
import type { BatchBeingWritten, HandlerCall, StartingAttempt, TaskContext, TraceContext } from '@drover/core';
import { silentLog, silentMetrics } from '@drover/observability';
import test from 'ava';
import { SchedulerSpans, traceAttempts, traceHandlers, traceRequest, traceSubmits } from '../src/index.js';
import { recorded } from './spans.js';

const BATCH = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const [, TRACE_ID, SPAN_ID] = traceparent.split('-');

/** A batch as the client shows it to interceptors. */
function batchOf(carried: readonly unknown[]) {
  const set = new Map<number, TraceContext>();
  const batch: BatchBeingWritten = {
    ...{ id: BATCH, queue: 'mail', size: carried.length, server: '127.0.0.1:2181' },
    typeOf: () => 'send',
    idOf: (index) => `${BATCH}.${index}`,
    carriedBy: (index) => carried[index],
    setTrace: (index, trace) => {
      if (trace === null) set.delete(index);
      else set.set(index, trace);
    },
  };
  return { batch, set };
}

const attempt: StartingAttempt = {
  ...{ task: `${BATCH}.3`, type: 'send', queue: 'mail', attempt: 2, fencingToken: 2n ** 60n },
  ...{ assignment: `${BATCH}-e7-1`, worker: 'w1-abc', startedAt: 1_796_000_000_000, waitedMs: 12.4 },
};

test('tasks of a sampled caller go with the span of their submit; tasks of others are not even looked at', (t) => {
  const { provider, tracer, spans } = recorded();
  const { submitting, writing } = traceSubmits({ provider });
  const task = { type: 'send', queue: 'mail' };
  const caller = tracer.startSpan('caller');
  const carried = context.with(traces.setSpan(ROOT_CONTEXT, caller), () => [submitting?.(task), submitting?.(task)]);
  const { batch, set } = batchOf([submitting?.(task), ...carried, submitting?.(task)]);
  writing?.(batch)?.written?.(0);
  const [submit] = spans();
  t.is(submit?.name, 'submit mail');
  t.is(submit?.kind, SpanKind.CLIENT);
  t.is(submit?.parentSpanContext?.spanId, caller.spanContext().spanId);
  t.like(submit?.attributes, {
    ...{ 'messaging.system': 'drover', 'messaging.destination.name': 'mail', 'messaging.operation.type': 'send' },
    ...{ 'messaging.batch.message_count': 2, 'drover.batch.id': BATCH },
  });
  t.deepEqual([...set.keys()], [1, 2]);
  const { traceId, spanId } = submit?.spanContext() ?? {};
  t.is(set.get(1)?.traceparent, `00-${traceId}-${spanId}-01`);
  t.is(writing?.(batchOf([undefined]).batch), undefined);
  t.is(spans().length, 1);
});

test("a caller's flag counts before the ratio; without a caller the id decides", (t) => {
  const { provider, spans } = recorded();
  const { submitting, writing } = traceSubmits({ provider, ratio: 1 });
  const unsampled = { traceId: TRACE_ID ?? '', spanId: SPAN_ID ?? '', traceFlags: 0 };
  const carried = context.with(traces.setSpanContext(ROOT_CONTEXT, unsampled), () =>
    submitting?.({ type: 'send', queue: 'mail' }),
  );
  const { batch, set } = batchOf([carried, undefined]);
  writing?.(batch)?.failed?.(new RangeError('too far'));
  t.deepEqual([...set.keys()], [1]);
  const [submit] = spans();
  t.is(submit?.kind, SpanKind.PRODUCER);
  t.is(submit?.parentSpanContext, undefined);
  t.like(submit?.attributes, { 'messaging.message.id': `${BATCH}.1`, 'error.type': 'RangeError' });
  t.deepEqual(submit?.status, { code: SpanStatusCode.ERROR, message: 'too far' });
});

test('TRACEPARENT of a command is the caller of its submits', (t) => {
  const { provider, spans } = recorded();
  const { submitting, writing } = traceSubmits({ provider, parent: { traceparent } });
  const { batch } = batchOf([submitting?.({ type: 'send', queue: 'mail' })]);
  writing?.(batch)?.written?.(0);
  t.is(spans()[0]?.spanContext().traceId, TRACE_ID);
  t.is(spans()[0]?.parentSpanContext?.spanId, SPAN_ID);
});

test('an attempt is a trace of its own with a link to the submit, or its child', (t) => {
  for (const mode of ['link', 'parent'] as const) {
    const { provider, spans } = recorded();
    const observer = traceAttempts({ provider, mode }).starting?.({ ...attempt, trace: { traceparent } });
    observer?.ended({ outcome: 'succeeded', error: null, endedAt: attempt.startedAt + 5 });
    const [span] = spans();
    const { traceId, spanId } = span?.spanContext() ?? {};
    t.is(observer?.trace?.traceparent, `00-${traceId}-${spanId}-01`);
    t.is(traceId === TRACE_ID, mode === 'parent');
    t.is(span?.parentSpanContext?.spanId, mode === 'parent' ? SPAN_ID : undefined);
    t.deepEqual(span?.links.map((link) => link.context.spanId) ?? [], mode === 'link' ? [SPAN_ID] : []);
    t.is(span?.kind, SpanKind.CONSUMER);
    t.deepEqual(span?.duration, [0, 5_000_000]);
    t.like(span?.attributes, {
      ...{
        'messaging.operation.name': 'process',
        'messaging.message.id': `${BATCH}.3`,
        'messaging.client.id': 'w1-abc',
      },
      ...{ 'drover.task.type': 'send', 'drover.task.attempt': 2, 'drover.task.outcome': 'succeeded' },
      ...{
        'drover.assignment.id': `${BATCH}-e7-1`,
        'drover.fencing_token': '1152921504606846976',
        'drover.worker.wait_ms': 12,
      },
    });
  }
});

test('tasks without a trace are followed by their share only; of failed ones a span can be kept', (t) => {
  const { provider, spans } = recorded();
  t.is(traceAttempts({ provider }).starting?.(attempt), undefined);
  t.is(traceAttempts({ provider }).failed, undefined);
  t.not(traceAttempts({ provider, ratio: 1 }).starting?.(attempt), undefined);
  const error = { name: 'TypeError', message: 'broken', retryable: true };
  traceAttempts({ provider, errors: true }).failed?.(attempt, {
    outcome: 'failed',
    error,
    endedAt: attempt.startedAt + 7,
  });
  const [failed] = spans();
  t.like(failed?.attributes, { 'drover.task.outcome': 'failed', 'error.type': 'TypeError' });
  t.deepEqual(failed?.duration, [0, 7_000_000]);
  t.is(failed?.status.code, SpanStatusCode.ERROR);
});

const contextOf = (trace?: TaskContext['trace']): TaskContext =>
  ({
    id: attempt.task,
    attempt: 1,
    fencingToken: 1n,
    worker: 'w1',
    signal: new AbortController().signal,
    trace,
  }) as TaskContext;
const callOf = (trace?: TaskContext['trace']): HandlerCall => ({
  ...{ type: 'send', queue: 'mail', payload: null, context: contextOf(trace) },
});

test('what a handler does is below the span of its attempt, whoever has made that', async (t) => {
  const { provider, tracer, spans } = recorded();
  const { around } = traceHandlers({ provider });
  const inside = async (): Promise<string> => {
    await Promise.resolve();
    tracer.startSpan('inside').end();
    return 'done';
  };
  t.is(await around?.(callOf(), inside), 'done');
  t.is(await around?.(callOf({ traceparent, span: 'attempt' }), inside), 'done');
  t.is(await around?.(callOf({ traceparent, span: 'submit' }), inside), 'done');
  const [untraced, below, own, process] = spans();
  t.is(untraced?.parentSpanContext, undefined);
  t.is(below?.parentSpanContext?.spanId, SPAN_ID);
  t.is(process?.name, 'process mail');
  t.is(own?.parentSpanContext?.spanId, process?.spanContext().spanId);
  t.deepEqual(
    process?.links.map((link) => link.context.spanId),
    [SPAN_ID],
  );
});

test('a handler that throws ends its span as failed, and its error goes on', async (t) => {
  const { provider, spans } = recorded();
  const { around } = traceHandlers({ provider });
  const trace = { traceparent, span: 'submit' } as const;
  const sync = t.throws(() => around?.(callOf(trace), () => { throw new RangeError('sync'); }) as never); // prettier-ignore
  t.is(sync.message, 'sync');
  await t.throwsAsync(async () => around?.(callOf(trace), () => Promise.reject(new RangeError('async'))), {
    message: 'async',
  });
  t.deepEqual(
    spans().map(({ attributes }) => [attributes['drover.task.outcome'], attributes['error.type']]),
    [
      ['failed', 'RangeError'],
      ['failed', 'RangeError'],
    ],
  );
});

test('a takeover and long runs of the planner are spans of the scheduler', (t) => {
  const { provider, spans } = recorded();
  const drawn = new SchedulerSpans(provider, () => 1_796_000_000_000);
  const log = drawn.log(silentLog).with({ id: 's1' });
  log.event('term.began', { epoch: 7, assignments: 12, tookMs: 40 });
  const metrics = drawn.metrics(silentMetrics);
  metrics.observe('drover_plan_seconds', {}, 0.01);
  metrics.observe('drover_plan_seconds', {}, 0.2);
  t.deepEqual(
    spans().map(({ name, duration, attributes }) => [name, duration, attributes['drover.epoch']]),
    [
      ['takeover', [0, 40_000_000], 7],
      ['plan', [0, 200_000_000], 7],
    ],
  );
});

test('each task goes with a span of its own where that is asked for, and that of the batch links to them', (t) => {
  const caller = { traceparent };
  const { provider, spans } = recorded();
  const { submitting, writing } = traceSubmits({ provider, parent: () => caller, traceEach: true });
  const task = { type: 'send', queue: 'mail' };
  const { batch, set } = batchOf([submitting?.(task), submitting?.(task)]);
  const observer = writing?.(batch);
  const created = [...spans()];
  observer?.written?.(0);
  const expected = ['create mail', SpanKind.PRODUCER, SPAN_ID];
  t.deepEqual(
    created.map(({ name, kind, parentSpanContext }) => [name, kind, parentSpanContext?.spanId]),
    [expected, expected],
  );
  t.like(created[1]?.attributes, { 'messaging.message.id': `${BATCH}.1`, 'messaging.operation.name': 'create' });
  t.deepEqual(
    [...set.values()].map((trace) => trace.traceparent.split('-')[2]),
    created.map((span) => span.spanContext().spanId),
  );
  const submit = spans().at(-1);
  t.is(submit?.kind, SpanKind.CLIENT);
  t.deepEqual(
    submit?.links.map(({ context: linked }) => linked.spanId),
    created.map((span) => span.spanContext().spanId),
  );
});

test('a report links to the attempts that it tells of, and says how it ended', (t) => {
  const { provider, spans } = recorded();
  const { reporting } = traceAttempts({ provider });
  const report = { queue: 'mail', batch: BATCH, assignment: `${BATCH}-e7-1`, worker: 'w1-abc', size: 3 };
  reporting?.({ ...report, traces: [{ traceparent }] })?.ended('accepted');
  reporting?.({ ...report, traces: [{ traceparent }] })?.ended('revoked');
  const [accepted, revoked] = spans();
  t.is(accepted?.name, 'report mail');
  t.is(accepted?.kind, SpanKind.CLIENT);
  t.deepEqual(
    accepted?.links.map(({ context: linked }) => linked.spanId),
    [SPAN_ID],
  );
  t.like(accepted?.attributes, {
    ...{ 'messaging.operation.type': 'settle', 'messaging.batch.message_count': 3, 'drover.report.end': 'accepted' },
  });
  t.deepEqual(accepted?.status, { code: SpanStatusCode.UNSET });
  t.deepEqual(revoked?.status, { code: SpanStatusCode.ERROR, message: 'revoked' });
});

test('a request is a span below its caller, and above what is done for it', (t) => {
  const { provider, spans } = recorded();
  const about = { method: 'POST', route: '/v1/tasks', path: '/v1/tasks', scheme: 'https' as const };
  const request = traceRequest(provider, { ...about, caller: { traceparent } });
  traceRequest(provider, { ...about, route: undefined, caller: { traceparent } }).answered(503);
  request.answered(201);
  const [failed, done] = spans();
  t.is(done?.name, 'POST /v1/tasks');
  t.is(done?.kind, SpanKind.SERVER);
  t.is(done?.parentSpanContext?.spanId, SPAN_ID);
  t.is(request.trace.traceparent, `00-${TRACE_ID}-${done?.spanContext().spanId}-01`);
  t.like(done?.attributes, { 'http.route': '/v1/tasks', 'http.response.status_code': 201 });
  t.is(failed?.name, 'POST');
  t.is(failed?.status.code, SpanStatusCode.ERROR);
});
