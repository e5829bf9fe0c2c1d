import { taskId, type BatchBeingWritten } from '@drover/core';
import test from 'ava';
import { requestTraces, withinRequestTrace } from './request-trace.js';

const BATCH = '01JD3V8R2MZ6K4Q7T9XBYC5HNA';
const traced = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const untraced = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';

const submitWithin = (headers: Record<string, string>): Promise<unknown> =>
  new Promise((resolve) => {
    const submit = async (): Promise<unknown> => {
      await Promise.resolve();
      return requestTraces.submitting?.({ type: 'echo', queue: 'q' });
    };
    withinRequestTrace(headers, () => resolve(submit()));
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
