import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import test from 'ava';
import { decodeBatch, decodeBatchHeader, encodeBatch, type BatchHeader } from './batch.js';
import { decodeResult, encodeFailure, encodeResult, encodeSucceeded, withLog } from './result.js';
import { traceAt, tracedTasks } from './traces.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const other = { traceparent: traceparent.replace('b7-', 'b8-'), tracestate: 'vendor=1' };
const header: BatchHeader = {
  ...{ queue: 'q', count: 3, at: 1, client: 'c' },
  groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 3 }],
};
const payloads = ['1', '2', '3'];
const bytes = (text: string): Uint8Array => Buffer.from(text);

test('each context stands once, with the stretches of tasks that have it', (t) => {
  const traces = tracedTasks([[0, { traceparent }], [1, { traceparent }], [2, other], [5, { traceparent }]]); // prettier-ignore
  t.deepEqual(traces, [
    { tasks: [[0, 2], [5, 6]], traceparent }, // prettier-ignore
    { tasks: [[2, 3]], ...other },
  ]);
  t.deepEqual(
    [0, 1, 2, 3, 5].map((index) => traceAt(traces, index)?.traceparent),
    [...[traceparent, traceparent, other.traceparent], ...[undefined, traceparent]],
  );
  t.deepEqual(traceAt(traces, 2), other);
});

test('workers read traces, leaders leave them out, and garbage in their place makes no batch unreadable', (t) => {
  const traces = tracedTasks([[1, other]]);
  const data = encodeBatch({ ...header, traces }, payloads);
  t.deepEqual(decodeBatch('/p', bytes(data)).header, { ...header, traces });
  t.deepEqual(decodeBatchHeader('/p', bytes(data)), header);
  t.is(encodeBatch(header, payloads), data.replace(/,"traces":\[.*?\}\]/, ''), 'without any the bytes are as before');
  for (const garbage of ['7', '[{}]', '[{"tasks":[[0,1]],"traceparent":"nonsense"}]', '[{"tasks":[[2,1]]}]']) {
    const broken = data.replace(/"traces":\[.*?\}\]/, `"traces":${garbage}`);
    t.deepEqual(decodeBatch('/p', bytes(broken)).header, header, garbage);
  }
});

test('the end of a log goes with the line of a task; one that is none is left out', (t) => {
  const failed = encodeFailure({ name: 'Error', message: 'no', retryable: true }, 1);
  const lines = [withLog(failed, '["a","b"]'), withLog(encodeSucceeded('{"n":1}', 2), '["c"]'), withLog(failed, '7')];
  const ends = [
    { from: 0, to: 1, outcome: 'failed' as const },
    { from: 1, to: 2, outcome: 'succeeded' as const },
    { from: 2, to: 3, outcome: 'failed' as const },
  ];
  const data = encodeResult({ worker: 'w', attempt: 1, at: 1, ends }, lines);
  const logs = decodeResult('/p', bytes(data)).ends.map(({ line }) =>
    line !== null && 'log' in line ? line.log : null,
  );
  t.deepEqual(logs, [['a', 'b'], ['c'], null]);
});
