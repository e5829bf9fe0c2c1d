import { taskId, type BatchBeingWritten, type TraceContext } from '@drover/core';
import test from 'ava';
import type { FastifyRequest } from 'fastify';
import { requestTraces, withinRequestTrace } from './request-trace.js';

const BATCH = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';
const traced = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const untraced = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
const ofSpan = '00-4bf92f3577b34da6a3ce929d0e0e4736-aaaaaaaaaaaaaaaa-01';

type Spans = Parameters<typeof withinRequestTrace>[1];

const submitWithin = (headers: Record<string, string>, spans: Spans = null): Promise<unknown> =>
  new Promise((resolve) => {
    const submit = async (): Promise<unknown> => {
      await Promise.resolve();
      return requestTraces.submitting?.({ type: 'echo', queue: 'q' });
    };
    withinRequestTrace({ headers, observer: null } as unknown as FastifyRequest, spans, () => resolve(submit()));
  });

test('tasks of a request that is traced go with its trace, and those of others with none', async (t) => {
  const carried = await Promise.all([
    submitWithin({ traceparent: traced, tracestate: 'vendor=1' }),
    submitWithin({}),
    submitWithin({ traceparent: untraced }),
    submitWithin({ traceparent: 'garbage' }),
  ]);
  const set: unknown[] = [];
  const batch: BatchBeingWritten = {
    ...{ id: BATCH, queue: 'q', size: carried.length, server: '' },
    typeOf: () => 'echo',
    idOf: (index) => taskId(BATCH, index),
    carriedBy: (index) => carried[index],
    setTrace: (index, trace) => void set.push([index, trace]),
  };
  requestTraces.writing?.(batch);
  t.deepEqual(set, [[0, { traceparent: traced, tracestate: 'vendor=1' }]]);
});

test('where requests have spans, only those of callers that trace have one, and tasks go with that', async (t) => {
  const callers: TraceContext[] = [];
  const spans: Spans = {
    request: (_request, caller) => {
      callers.push(caller);
      return { trace: { traceparent: ofSpan }, answered: () => undefined };
    },
  };
  t.deepEqual(await submitWithin({ traceparent: traced }, spans), { traceparent: ofSpan });
  t.is(await submitWithin({ traceparent: untraced }, spans), undefined);
  t.is(await submitWithin({}, spans), undefined);
  t.deepEqual(callers, [{ traceparent: traced }]);
});
