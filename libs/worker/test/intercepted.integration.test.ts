import type { EndedAttempt, StartingAttempt } from '@drover/core';
import type { TaskEnd } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { Worker } from '../src/index.js';
import { FakeLeader } from './fake-leader.js';
import { RecordedLog, startWorld } from './start-worker.js';

const handlers = new URL('./fixtures/intercepted.js', import.meta.url).href;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const resultOf = ({ line }: TaskEnd): unknown => (line !== null && 'result' in line ? line.result : line);
const logOf = ({ line }: TaskEnd): readonly string[] | undefined =>
  line !== null && 'log' in line ? line.log : undefined;

test('interceptors of a module run around its handlers, in every thread, and hear of failures', async (t) => {
  const { leader, id, log } = await startWorld(t, { handlers, graceMs: 5_000 });
  const end = async (type: string, payload?: unknown): Promise<TaskEnd> =>
    leader.end(await leader.give(id, [{ type, payload }]));
  t.is(resultOf(await end('greet', 'Ada')), 'greet of default: hello Ada');
  t.is(resultOf(await end('computed', 'sheep')), 'computed of default: counted sheep');
  t.is((await end('fails')).outcome, 'failed');
  t.is((await end('out-of-time')).outcome, 'timed-out');
  t.is((await end('breaks-the-hook')).outcome, 'failed');
  t.like(await log.seen('handler.background-error'), { error: 'Error: the hook is broken' });
  t.is(
    resultOf(await end('failures')),
    'failures of default: 0 fails default 1 on purpose; 0 out-of-time default 1 timed out after 20 ms; 0 breaks-the-hook default 1 on purpose too',
  );
});

test('the trace context of a task reaches its handler and its programs, and nobody else', async (t) => {
  const { leader, id } = await startWorld(t, { handlers, builtin: ['shell'] });
  const traced = { traces: [{ tasks: [[0, 1]] as [number, number][], traceparent }] };
  const trace = { traceparent, span: 'submit' };
  const own = await leader.give(id, [{ type: 'trace' }], 1, traced);
  t.is(resultOf(await leader.end(own)), `trace of default: ${JSON.stringify(trace)}`);
  t.is(resultOf(await leader.end(await leader.give(id, [{ type: 'trace' }]))), 'trace of default: null');
  const argv = ['sh', '-c', 'echo "${TRACEPARENT-none}"'];
  const shell = await leader.give(id, [{ type: 'shell', payload: { argv } }], 1, traced);
  t.like(resultOf(await leader.end(shell)), { output: `${traceparent}\n` });
  const untraced = await leader.give(id, [{ type: 'shell', payload: { argv } }]);
  t.like(resultOf(await leader.end(untraced)), { output: 'none\n' });
});

test('an interceptor of the worker follows attempts to their ends, instants among them, and may fail as it likes', async (t) => {
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  const log = new RecordedLog();
  const told: unknown[] = [];
  const reports: { queue: string; traces: number; how: string }[] = [];
  const worker = new Worker({
    factory: connectZooKeeper,
    zookeeper: { connect, runtime: systemRuntime },
    ...{ runtime: systemRuntime, log },
    settings: { name: 'w', host: 'h', pid: 1, version: '0', stopTimeoutMs: 0, graceMs: 50, builtin: [] },
    interceptor: {
      starting: ({ type, attempt, queue, trace }: StartingAttempt) => {
        if (trace === undefined) throw new Error('not mine');
        return {
          trace: { traceparent },
          ended: ({ outcome, error }: EndedAttempt) => told.push([type, attempt, queue, outcome, error?.name ?? null]),
        };
      },
      failed: ({ type }: StartingAttempt, { outcome }: EndedAttempt) => told.push([type, outcome]),
      reporting: ({ queue, traces }) => ({ ended: (how) => reports.push({ queue, traces: traces.length, how }) }),
    },
  });
  t.teardown(() => worker.stop());
  await worker.start();
  const id = worker.id ?? '';
  const traces = { traces: [{ tasks: [[0, 2]] as [number, number][], traceparent }] };
  await leader.end(
    await leader.give(
      id,
      [
        { type: 'echo', payload: 1 },
        { type: 'sleep', payload: { ms: 1 } },
      ],
      3,
      traces,
    ),
  );
  await leader.end(await leader.give(id, [{ type: 'sleep', payload: { ms: 10_000 }, timeoutMs: 10 }], 1, traces));
  await leader.end(await leader.give(id, [{ type: 'echo', payload: 2 }]));
  await leader.end(await leader.give(id, [{ type: 'sleep', payload: 'nonsense' }]));
  t.deepEqual(told, [
    ['echo', 3, 'default', 'succeeded', null],
    ['sleep', 3, 'default', 'succeeded', null],
    ['sleep', 1, 'default', 'timed-out', 'TaskTimeoutError'],
    ['sleep', 'rejected'],
  ]);
  t.is(log.of('handler.background-error').length, 1, 'one attempt of those without a trace was no instant');
  await worker.stop();
  t.true(reports.every(({ queue, how }) => queue === 'default' && how === 'accepted'));
  const traced = reports.reduce((sum, { traces: few }) => sum + few, 0);
  t.is(traced, 3, 'reports name the attempts that are traced, each once, and no others');
});

test('the end of the log goes with the result of a failed attempt, and what was too much is counted in its place', async (t) => {
  const { leader, id, worker, log } = await startWorld(t, { handlers, builtin: ['shell'] });
  const chatty = await leader.give(id, [{ type: 'chatty', payload: 20_000 }]);
  const lines = logOf(await leader.end(chatty)) ?? [];
  t.true(lines.length > 2 && Buffer.byteLength(JSON.stringify(lines)) <= 4_096, String(lines.length));
  const { lines: dropped } = await log.seen('run-log.dropped');
  t.is(log.of('task.log').length + Number(dropped), 20_000);
  t.true(Number(dropped) > 10_000);
  t.regex(lines.at(-1) ?? '', /^[\d,]+ lines dropped: the task logged too fast$/);

  const quiet = await leader.give(id, [{ type: 'quiet' }]);
  t.is(logOf(await leader.end(quiet)), undefined, 'of an attempt that succeeded nothing is stored');
  const kept = worker.runLog(`${quiet.batch}.0`, 1)?.lines() ?? [];
  t.deepEqual(
    kept.map(({ text }) => text),
    ['almost done {"password":"[redacted]"}'],
  );

  const argv = ['sh', '-c', 'echo one; echo two >&2; printf three; exit 3'];
  const shell = await leader.end(await leader.give(id, [{ type: 'shell', payload: { argv } }]));
  t.deepEqual(logOf(shell), ['one', 'two', 'three']);
});
