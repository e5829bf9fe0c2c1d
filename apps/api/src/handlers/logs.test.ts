import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AttemptView, TaskView } from '@drover/client';
import { encodeRecord, type WorkerRecord } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import test, { type ExecutionContext } from 'ava';
import { ANYBODY } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import type { Asked } from './handler.js';
import { logUrl, planLog } from './logs.decide.js';
import { logHandlers } from './logs.js';

const ID = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';
const WORKER = 'w1-1k4x9p2m3q8z';

const task = (more: Partial<TaskView>): TaskView => ({
  ...{ id: ID, type: 'resize', queue: 'images', state: 'running', attempt: 1, maxAttempts: 3, timeoutMs: null },
  ...{ retry: null, key: null, worker: 'w1', submittedAt: 1, client: 'c', history: [] },
  ...more,
});
const ended = (more: Partial<AttemptView>): AttemptView => ({
  attempt: 1,
  outcome: 'failed',
  worker: 'w1',
  at: 7,
  ...more,
});

test('an attempt that is out is asked of its worker; one that has ended may be stored; others are nowhere', (t) => {
  t.like(planLog(task({}), null), { attempt: 1, worker: 'w1', isOver: false, stored: null });
  const failed = task({
    state: 'failed',
    attempt: 2,
    history: [ended({ log: ['a'] }), ended({ attempt: 2, worker: 'w2', at: 9 })],
  });
  t.like(planLog(failed, null), { attempt: 2, worker: 'w2', stored: null });
  t.like(planLog(failed, 1), { attempt: 1, worker: 'w1', stored: { lines: ['a'], at: 7 } });
  t.like(planLog(failed, 3), { worker: null, otherwise: 'attempt 3 has not begun' });
  t.like(planLog(task({ state: 'pending', attempt: 0, worker: null }), null), { attempt: 1, worker: null });
  const succeeded = task({ state: 'succeeded', history: [ended({ outcome: 'succeeded' })] });
  t.regex(planLog(succeeded, null).otherwise, /it succeeded, and only the logs of failed attempts are stored/);
});

test('the address in the log system has what is asked for filled in, and nothing else', (t) => {
  const plan = planLog(task({}), null);
  const template = 'https://logs.example.com/?q={task}&n={attempt}&w={worker}&t={type}&x={other}';
  t.is(logUrl(template, task({ type: 'a&b' }), plan), `https://logs.example.com/?q=${ID}&n=1&w=w1&t=a%26b&x={other}`);
});

/** A worker whose listener is played, and ZooKeeper's record of it. `before`: the task as it is read at first. */
async function world(
  t: ExecutionContext,
  view: TaskView,
  answer: { status: number; lines?: string[] } | null,
  before: readonly TaskView[] = [],
) {
  const views = before.slice();
  const asked: { url: string; secret: string }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', secret: request.headers.authorization ?? '' });
    response.writeHead(answer?.status ?? 500).end(answer?.lines?.map((line) => `${line}\n`).join('') ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const record: Omit<WorkerRecord, 'v'> = {
    ...{ name: 'w1', host: 'h', pid: 1, version: '1', startedAt: 1, capacity: 1, weight: 1, labels: {}, types: [] },
    ...{ state: 'accepting' as const, running: [], api, apiSecret: 's3cret' },
  };
  const zk = {
    children: async () => (answer === null ? ['w2-1k4x9p2m3q8z'] : [WORKER, 'w11-1k4x9p2m3q8z']),
    get: async () => ({ data: Buffer.from(encodeRecord('worker', record)), stat: { mtime: 1 } }),
  };
  const context = {
    ...{ runtime: systemRuntime, drover: { get: async () => views.shift() ?? view }, zk: async () => zk },
    stored: async (reading: Promise<unknown>) => reading,
    data: { api: { logUrlTemplate: 'https://logs/{task}' } },
  } as unknown as ApiContext;
  const ask = async (query: Record<string, unknown> = {}): Promise<unknown[]> => {
    const request = {
      params: { id: ID },
      query,
      caller: ANYBODY,
      signal: new AbortController().signal,
    } as unknown as Asked;
    const { lines } = await logHandlers.getLogs!(request, context);
    const all: unknown[] = [];
    for await (const line of lines!) all.push(line);
    return all;
  };
  return { ask, asked };
}

const url = `https://logs/${ID}`;

test('lines of a worker are passed on, and the worker is shown the secret of its record', async (t) => {
  const line = { seq: 1, at: 2, level: 'info', text: 'so far' };
  const { ask, asked } = await world(t, task({ state: 'succeeded' }), { status: 200, lines: [JSON.stringify(line)] }, [
    task({}),
    task({}),
  ]);
  t.deepEqual(await ask({ follow: '1', tail: 5 }), [
    { source: 'worker', attempt: 1, worker: 'w1', why: null, url },
    line,
  ]);
  t.deepEqual(asked, [{ url: `/v1/runs/${ID}/1/log?tail=5&follow=1`, secret: 'Bearer s3cret' }]);
});

test('if the worker has nothing, the stored end is shown, or why there is none', async (t) => {
  const failed = task({ state: 'failed', history: [ended({ log: ['a', 'b', 'c'] })] });
  const { ask } = await world(t, failed, { status: 404 });
  const [source, ...lines] = await ask({ tail: 2 });
  t.like(source, { source: 'stored', why: 'its worker has no lines of it; this is the end that is stored' });
  t.deepEqual(lines, [
    { seq: 2, at: 7, level: 'info', text: 'b' },
    { seq: 3, at: 7, level: 'info', text: 'c' },
  ]);
  const gone = await world(t, task({ state: 'succeeded', history: [ended({ outcome: 'succeeded' })] }), null);
  const [none] = (await gone.ask()) as { source: string; why: string }[];
  t.is(none?.source, 'none');
  t.regex(none?.why ?? '', /^worker w1 is gone; it succeeded, and only the logs of failed attempts are stored/);
});
