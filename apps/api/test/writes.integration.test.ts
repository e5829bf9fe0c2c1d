import { batchIds, timeOfBatch } from '@drover/core';
import test from 'ava';
import { ANYBODY, type Caller } from '../src/access/caller.js';
import type { LineReply } from '../src/submit/submit-lines.js';
import { WritesWorld } from './writes-world.js';

const ulid = batchIds(Date.now, Math.random);
const LIMITED: Caller = { name: 'mia', auth: 'token', roles: ['operator'], queues: ['mail*'] };
/** The fields of answers that are looked at one by one. */
interface Doc {
  id: string;
  batch: string;
  ids: string[];
  batches: string[];
  samples: string[];
  task: string;
  token: string;
  count: number;
}
const json = (answer: { json?: unknown }): Doc => answer.json as Doc;

async function* lines(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(`${text}\n`);
}

async function all(answer: { lines?: AsyncIterable<unknown> }): Promise<LineReply[]> {
  const found: LineReply[] = [];
  for await (const line of answer.lines ?? []) found.push(line as LineReply);
  return found;
}

test('a task is submitted, and its result waited for, or not', async (t) => {
  const world = await WritesWorld.create(t);
  const body = { type: 'echo', payload: { n: 1 }, queue: 'mail' };
  const plain = await world.call('submitTask', { body });
  t.like(plain, { status: 201, json: { deduplicated: false, state: 'pending' } });
  t.like(json(await world.call('submitTask', { body: { ...body, delay: '1h' } })), { state: 'scheduled' });
  const waited = await world.call('submitTask', { body, headers: { prefer: 'respond-async, wait=30' } });
  t.like(waited, {
    status: 200,
    json: { state: 'succeeded', result: { n: 1 } },
    headers: { 'Preference-Applied': 'wait=30' },
  });
  const failed = await world.call('submitTask', {
    body: { type: 'fail', maxAttempts: 1 },
    headers: { prefer: 'wait=30' },
  });
  t.like(failed, { status: 200, json: { state: 'failed', error: { name: 'Error', message: 'no: null' } } });
  const slow = await world.call('submitTask', { body: { type: 'wait' }, headers: { prefer: 'wait=0.01' } });
  t.is(slow.status, 201, 'a wish that is not understood is no wish');
  const { id } = json(slow);
  t.like(await world.call('getResult', { params: { id } }), { status: 202, headers: { 'Retry-After': '1' } });
  t.like(await world.call('getResult', { params: { id }, query: { wait: '10ms' } }), { status: 202 });
  const waiting = world.call('getResult', { params: { id }, query: { wait: '60' } });
  world.release();
  t.like(await waiting, { status: 200, json: { state: 'succeeded', result: 'at last', attempt: 1, worker: 'w1' } });
  t.like(await world.call('getResult', { params: { id } }), { status: 200, json: { result: 'at last' } });
  t.like(await world.refused('getResult', { params: { id }, query: { wait: '2m' } }), { code: 'invalid-argument' });
  t.like(await world.refused('getResult', { params: { id: `${ulid()}.0` } }), { code: 'task-not-found' });
  t.like(await world.refused('getResult', { params: { id: 'x' } }), {
    code: 'invalid-argument',
    data: { field: 'task id' },
  });
});

test('bodies that are wrong are refused with the field, and nothing is submitted', async (t) => {
  const world = await WritesWorld.create(t);
  const refused: [string, unknown, object][] = [
    ['submitTask', { type: 'a b' }, { code: 'invalid-argument', data: { field: 'type' } }],
    ['submitTask', { type: 'echo', delay: 'soon' }, { code: 'invalid-argument', data: { field: 'delay' } }],
    ['submitTask', { type: 'echo', dealy: '1s' }, { code: 'invalid-argument' }],
    ['submitTask', { type: 'echo', payload: 'x'.repeat(300_000) }, { code: 'payload-too-large' }],
    ['submitTask', { type: 'echo', limits: ['nobody'] }, { code: 'limit-not-found' }],
    [
      'submitBatch',
      { tasks: [{ type: 'echo' }, { type: 'echo', priority: 99 }] },
      { data: { field: 'tasks[1].priority' } },
    ],
    ['submitBatch', { tasks: [{ type: 'echo' }], defaults: { queue: '.' } }, { code: 'invalid-argument' }],
  ];
  for (const [name, body, error] of refused) t.like(await world.refused(name, { body }), error);
  for (const key of ['', 'ö'])
    t.like(await world.refused('submitTask', { body: { type: 'echo' }, headers: { 'idempotency-key': key } }), {
      data: { field: 'Idempotency-Key' },
    });
  t.like(await world.refused('submitTask', { body: { type: 'echo' }, caller: LIMITED }), {
    code: 'forbidden',
    data: { needs: 'queue:default' },
  });
  for await (const task of world.drover.list()) t.fail(task.id);
});

test('the same key and the same body are one submit, however often and at once it comes', async (t) => {
  const world = await WritesWorld.create(t, { retainTasks: 0, retainAtLeastMs: 0 });
  const body = { type: 'wait', payload: { b: 1, a: 2 } };
  for (const key of [ulid(), crypto.randomUUID(), 'order-4711']) {
    const headers = { 'idempotency-key': key };
    const submit = (given: object = body) => world.call('submitTask', { body: given, headers });
    const answers = await Promise.all(Array.from({ length: 10 }, () => submit()));
    t.is(answers.filter(({ status }) => status === 201).length, 1, key);
    t.is(new Set(answers.map((answer) => json(answer).id)).size, 1);
    for (const { status, headers: said } of answers)
      t.is(said?.['Idempotent-Replay'], status === 201 ? undefined : 'true');
    t.like(await submit({ payload: { a: 2, b: 1 }, type: 'wait' }), { status: 200 }, 'in another order of fields');
    t.like(await world.refused('submitTask', { body: { ...body, payload: 3 }, headers }), {
      code: 'idempotency-mismatch',
    });
    const other = await world.call('submitTask', { body, headers, caller: LIMITED_TO_DEFAULT });
    t.is(other.status, 201, 'of another caller');
  }
  const timed = ulid();
  const { batch } = json(await world.call('submitTask', { body, headers: { 'idempotency-key': timed } }));
  t.is(timeOfBatch(batch), timeOfBatch(timed));
});

const LIMITED_TO_DEFAULT: Caller = { ...LIMITED, queues: ['default'] };

test('a key that carries its time finds its batch on a later day too, whichever way the request came first', async (t) => {
  const world = await WritesWorld.create(t);
  const DAY = 86_400_000;
  const sent = Date.now();
  const body = { type: 'echo', payload: 1 };
  const submit = async (key: string, now: number, more: object = {}) => {
    const { status, json } = await world.call('submitTask', {
      body: { ...body, ...more },
      headers: { 'idempotency-key': key },
      now,
    });
    return { status, id: (json as { id: string }).id };
  };
  // It is nearly a day old when it comes first, and is repeated when the day is over, and much later.
  const young = batchIds(
    () => sent - DAY + 1_000,
    () => Math.random(),
  )();
  const first = await submit(young, sent);
  t.is(first.status, 201);
  for (const later of [2_000, 10 * DAY])
    t.deepEqual(await submit(young, sent + later), { status: 200, id: first.id }, `${later} ms later`);
  const other = { body: { ...body, payload: 2 }, headers: { 'idempotency-key': young }, now: sent + 2_000 };
  t.like(await world.refused('submitTask', other), { code: 'idempotency-mismatch' });
  // It is too far ahead at first, and not when it is repeated.
  const ahead = batchIds(
    () => sent + DAY + 1_000,
    () => Math.random(),
  )();
  const early = await submit(ahead, sent);
  t.is(early.status, 201);
  t.deepEqual(await submit(ahead, sent + 2_000), { status: 200, id: early.id });
  // One that was never sent while it was young is stored.
  const old = batchIds(
    () => sent - 2 * DAY,
    () => Math.random(),
  )();
  const stored = await submit(old, sent);
  t.is(stored.status, 201);
  t.deepEqual(await submit(old, sent + DAY), { status: 200, id: stored.id });
});

test('a stored key goes with its batch, and then the request counts as new', async (t) => {
  const world = await WritesWorld.create(t, { retainTasks: 0, retainMs: 0, retainAtLeastMs: 0 });
  const request = { body: { type: 'echo' }, headers: { 'idempotency-key': 'order-1', prefer: 'wait=30' } };
  const { id, batch } = json(await world.call('submitTask', request));
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const bucket of await world.zk.children('/keys')) found.push(...(await world.zk.children(`/keys/${bucket}`)));
    return found;
  };
  await world.until(async () => ((await keys()).length === 0 ? true : null));
  const again = json(await world.call('submitTask', request));
  t.not(again.id, id);
  t.not(again.batch, batch);
});

test('a batch of many queues with a key is completed by whoever repeats it', async (t) => {
  const world = await WritesWorld.create(t);
  const tasks = Array.from({ length: 1_203 }, (_, n) => ({
    type: 'wait',
    payload: n,
    queue: n % 3 === 0 ? 'mail' : 'other',
  }));
  const headers = { 'idempotency-key': ulid() };
  const answers = await Promise.all([1, 2, 3].map(() => world.call('submitBatch', { body: { tasks }, headers })));
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 201]);
  const [first] = answers.map(json);
  for (const answer of answers) t.deepEqual(json(answer), first);
  const { ids, batches } = json(answers[0] ?? {});
  t.is(ids.length, 1_203);
  t.is(batches.length, 3);
  t.like(await world.drover.get(ids[1_202] ?? '', { payload: true }), { payload: 1_202, queue: 'other' });
  t.like(await world.drover.get(ids[600] ?? '', { payload: true }), { payload: 600, queue: 'mail' });
  t.like(await world.refused('submitBatch', { body: { tasks: tasks.slice(1) }, headers }), {
    code: 'idempotency-mismatch',
  });
  const keyed = tasks.map((task, n) => ({ ...task, key: `k${n}` }));
  t.like(await world.refused('submitBatch', { body: { tasks: keyed }, headers: { 'idempotency-key': ulid() } }), {
    code: 'invalid-argument',
    data: { field: 'Idempotency-Key' },
  });
  const plain = await world.call('submitBatch', { body: { tasks: keyed.slice(0, 9), defaults: { delay: '1h' } } });
  t.is(json(plain).ids.length, 9);
  const again = await world.call('submitBatch', { body: { tasks: keyed.slice(0, 9), defaults: { delay: '1h' } } });
  t.deepEqual(json(again).ids, json(plain).ids);
});

test('a batch is put under an id of the caller', async (t) => {
  const world = await WritesWorld.create(t);
  const id = ulid();
  const put = (tasks: object[]) => ({ params: { id }, body: { tasks } });
  t.like(await world.call('putBatch', put([{ type: 'echo' }])), {
    status: 201,
    json: { batches: [id], ids: [`${id}.0`] },
  });
  t.is((await world.call('putBatch', put([{ type: 'echo' }]))).status, 200);
  t.like(await world.refused('putBatch', put([{ type: 'fail' }])), { code: 'conflict', status: 409 });
  t.like(await world.refused('putBatch', { ...put([{ type: 'echo' }]), params: { id: 'x' } }), {
    code: 'invalid-argument',
  });
  const many = Array.from({ length: 501 }, () => ({ type: 'echo' }));
  t.like(await world.refused('putBatch', { params: { id: ulid() }, body: { tasks: many } }), {
    code: 'invalid-argument',
  });
});

test('lines are answered in order as their tasks are durable; the first bad one ends it', async (t) => {
  const world = await WritesWorld.create(t);
  const texts = Array.from({ length: 5_000 }, (_, n) =>
    JSON.stringify({ type: 'echo', payload: n, queue: `q${n % 3}` }),
  );
  const good = await all(await world.call('submitBatch', { body: lines(...texts) }));
  t.deepEqual(
    good.map(({ line }) => line),
    texts.map((_, n) => n + 1),
  );
  const idOf = (reply: LineReply | undefined): string => (reply !== undefined && 'id' in reply ? reply.id : '');
  t.like(await world.drover.get(idOf(good[4_321]), { payload: true }), { queue: 'q1' });
  const bad: [string, string][] = [
    ['{', 'invalid-argument'],
    ['{"type":"echo","delay":"soon"}', 'invalid-argument'],
    ['[]', 'invalid-argument'],
    [JSON.stringify({ type: 'echo', payload: 'x'.repeat(280_000) }), 'payload-too-large'],
  ];
  for (const [text, code] of bad) {
    const given = lines(
      '{"type":"wait","queue":"b"}',
      '',
      '{"type":"wait","queue":"b"}',
      text,
      '{"type":"wait","queue":"never"}',
    );
    const replies = await all(await world.call('submitBatch', { body: given }));
    t.like(replies, [{ line: 1 }, { line: 3 }, { line: 4, error: { code } }]);
    t.is(replies.length, 3);
  }
  for await (const task of world.drover.list({ queue: 'never' })) t.fail(task.id);
  const scoped = await world.call('submitBatch', {
    body: lines('{"type":"echo","queue":"mail"}', '{"type":"echo"}'),
    caller: LIMITED,
  });
  t.like(await all(scoped), [{ line: 1 }, { line: 2, error: { code: 'forbidden' } }]);
  t.like(await world.refused('submitBatch', { body: lines('{}'), headers: { 'idempotency-key': ulid() } }), {
    code: 'invalid-argument',
  });
});

test('commands say who asked and why; tasks and queues that a caller may not see are not there', async (t) => {
  const world = await WritesWorld.create(t);
  const dead = await world.drover.submit('fail', 1, { maxAttempts: 1, queue: 'mail' });
  await t.throwsAsync(dead.result());
  const params = { id: dead.id };
  // The leader hears of a report a moment after the client.
  const isKnown = async (): Promise<true | null> => {
    const body = { action: 'retry', filter: 'state:failed' };
    return json(await world.call('previewBulk', { body })).count === 1 ? true : null;
  };
  await world.until(isKnown);
  t.like(await world.refused('cancelTask', { params, body: {} }), { code: 'conflict', data: { state: 'failed' } });
  t.like(await world.call('retryTask', { params, body: { reason: 'again' } }), { status: 200, json: { ok: true } });
  await t.throwsAsync(dead.result());
  await world.until(isKnown);
  t.like(
    (await world.drover.get(dead.id)).history.find(({ by }) => by !== undefined),
    { by: 'anybody', reason: 'again' },
  );
  const other = await world.drover.submit('wait', 1, { queue: 'images' });
  t.like(await world.refused('cancelTask', { params: { id: other.id }, body: {}, caller: LIMITED }), {
    code: 'task-not-found',
  });
  t.like(await world.refused('cancelTask', { params: { id: `${ulid()}.0` }, body: {} }), { code: 'task-not-found' });
  t.like(await world.call('eraseTask', { params, body: { reason: 'request 1' } }), {
    status: 200,
    json: { id: dead.id },
  });
  t.like(await world.refused('retryTask', { params, body: {} }), { code: 'conflict' });
  t.like(await world.refused('eraseTask', { params: { id: other.id }, body: {} }), { code: 'conflict' });

  const paused = await world.call('pauseQueue', { params: { name: 'mail' }, body: { reason: 'down' } });
  t.like(json(paused), { name: 'mail', paused: true, pausedBy: { by: 'anybody', reason: 'down' } });
  t.like(json(await world.call('resumeQueue', { params: { name: 'mail' }, body: {}, caller: LIMITED })), {
    paused: false,
  });
  t.like(await world.refused('pauseQueue', { params: { name: 'images' }, body: {}, caller: LIMITED }), {
    code: 'forbidden',
  });
  const changed = await world.call('changeQueue', {
    params: { name: 'mail' },
    body: { settings: { priority: 5 }, reason: 'r' },
  });
  t.like(json(changed), { before: { priority: 0 }, after: { priority: 5, changedBy: { by: 'anybody' } } });
  t.like(await world.refused('changeQueue', { params: { name: 'mail' }, body: { settings: { priorty: 5 } } }), {
    code: 'invalid-argument',
  });

  t.like(json(await world.call('drainWorker', { params: { name: 'w1' }, body: {} })), {
    name: 'w1',
    state: 'draining',
  });
  t.like(json(await world.call('undrainWorker', { params: { name: 'w1' }, body: {} })), { state: 'accepting' });
  t.like(await world.refused('drainWorker', { params: { name: 'w9' }, body: {} }), { code: 'worker-not-found' });
  t.like(await world.refused('drainWorker', { params: { name: 'w1' }, body: {}, caller: LIMITED }), {
    code: 'forbidden',
  });
});

test('schedules and limits are made, seen, changed, held and removed', async (t) => {
  const world = await WritesWorld.create(t);
  const params = { name: 'nightly' };
  const spec = { when: { cron: '0 3 * * *', tz: 'UTC' }, run: { type: 'echo', queue: 'images' } };
  t.like(json(await world.call('putSchedule', { params, body: { spec, ifRevision: 0 } })), {
    change: 'created',
    revision: 1,
  });
  t.like(await world.refused('putSchedule', { params, body: { spec, ifRevision: 7 } }), {
    code: 'revision-conflict',
    data: { revision: 1 },
  });
  t.like(await world.refused('putSchedule', { params, body: { spec: { ...spec, when: { cron: 'x' } } } }), {
    code: 'invalid-argument',
  });
  t.like(await world.refused('putSchedule', { params, body: { spec }, caller: LIMITED }), { code: 'forbidden' });
  const moved = { ...spec, run: { type: 'echo', queue: 'mail' } };
  t.like(await world.refused('putSchedule', { params, body: { spec: moved }, caller: LIMITED }), { code: 'conflict' });
  t.like(json(await world.call('listSchedules', {})), { items: [{ name: 'nightly' }], next: null });
  t.like(json(await world.call('listSchedules', { caller: LIMITED })), { items: [] });
  t.like(json(await world.call('pauseSchedule', { params, body: { reason: 'r' } })), {
    paused: { by: 'anybody', reason: 'r' },
  });
  t.like(json(await world.call('resumeSchedule', { params, body: {} })), { paused: null });
  t.like(await world.refused('getSchedule', { params, caller: LIMITED }), { code: 'schedule-not-found' });
  t.truthy(json(await world.call('triggerSchedule', { params, body: {} })).task);
  const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-04T00:00:00Z' };
  t.like(await world.call('backfillSchedule', { params, body: { ...range, redo: 'all', dryRun: true } }), {
    status: 200,
  });
  const made = await world.call('backfillSchedule', { params, body: { ...range, redo: 'all', reason: 'r' } });
  t.is(made.status, 201);
  await world.call('deleteBackfill', { params: { ...params, id: json(made).id } });
  const preview = await world.call('previewSchedule', { body: { spec, from: '2026-01-01T00:00:00Z', count: 2 } });
  t.like(json(preview), { items: [{ nominal: '2026-01-01T03:00:00Z' }, { nominal: '2026-01-02T03:00:00Z' }] });
  t.deepEqual(json(await world.call('deleteSchedule', { params })), params);
  t.like(await world.refused('getSchedule', { params }), { code: 'schedule-not-found' });
  await world.call('listCalendars', {});

  const limit = { name: 'stripe' };
  await world.call('putLimit', { params: limit, body: { spec: { concurrency: 2 } } });
  t.like(json(await world.call('holdLimit', { params: limit, body: { for: '1m' } })), { name: 'stripe' });
  t.like(json(await world.call('listLimits', { query: { limit: 1 } })), {
    items: [{ name: 'stripe', out: 0 }],
    next: null,
  });
  t.like(await world.refused('listLimits', { query: { cursor: 'x' } }), { code: 'invalid-cursor' });
  t.like(json(await world.call('getLimit', { params: limit })), { name: 'stripe' });
  t.like(await world.refused('putLimit', { params: limit, body: { spec: {} }, caller: LIMITED }), {
    code: 'forbidden',
  });
  await world.call('deleteLimit', { params: limit, query: { force: '1' } });
  t.like(await world.refused('getLimit', { params: limit }), { code: 'limit-not-found' });
});

test('accounts, pools and floating resources are defined, changed, listed and removed', async (t) => {
  const world = await WritesWorld.create(t);
  const account = { name: 'search' };
  const change = { spec: { weight: 3, guarantee: { cpu: 4, memory: '8GiB' } }, reason: 'more of them' };
  t.like(json(await world.call('changeAccount', { params: account, body: change })), {
    ...{ name: 'search', change: 'created', revision: 1 },
    warnings: { 0: 'accounts are guaranteed cpu=4 together, and there is cpu=0: each has its part of that' },
  });
  await world.call('changeAccount', { params: account, body: { spec: { lend: false } } });
  t.like(json(await world.call('getAccount', { params: account })), {
    ...{ revision: 2, changedBy: { by: 'anybody' } },
    spec: { weight: 3, guarantee: { cpu: 4, memory: '8GiB' }, limit: {}, lend: false },
  });
  t.like(await world.refused('changeAccount', { params: account, body: { spec: { limit: 'cpu=1' } } }), {
    ...{ code: 'invalid-argument', data: { field: 'limit' } },
  });
  t.like(await world.refused('putAccount', { params: account, body: { spec: {}, ifRevision: 7 } }), {
    ...{ code: 'revision-conflict', data: { revision: 2 } },
  });
  t.like(await world.refused('putAccount', { params: account, body: { spec: {} }, caller: LIMITED }), {
    code: 'forbidden',
  });
  t.like(json(await world.call('listAccounts', { query: { limit: 500 } })), {
    items: { 0: { account: 'default' }, 1: { account: 'search', weight: 3, share: 0, pending: 0 } },
    next: null,
  });
  t.like(json(await world.call('listAccounts', { query: { limit: 500 }, caller: LIMITED })), {
    items: [{ account: 'search', share: null, held: null, pending: null }],
  });
  await world.call('putAccount', { params: account, body: { spec: {} } });
  t.like(json(await world.call('getAccount', { params: account })), { spec: { weight: 1, guarantee: {}, lend: true } });
  t.deepEqual(json(await world.call('deleteAccount', { params: account })), account as never);
  t.like(await world.refused('getAccount', { params: account }), { code: 'account-not-found' });

  const secret = 'correct horse battery staple';
  const pool = { webhook: 'https://scaler.example/x', webhookSecret: secret, dedicated: ['search'] };
  await world.call('putPool', { params: { name: 'batch' }, body: { spec: pool } });
  const shown = JSON.stringify((await world.call('listPools', { query: { limit: 500 } })).json);
  t.true(shown.includes('scaler.example') && !shown.includes(secret));
  t.like(await world.refused('putPool', { params: { name: 'b' }, body: { spec: { dedicated: ['a', 'a'] } } }), {
    code: 'invalid-argument',
  });
  t.like(await world.refused('getPool', { params: { name: 'nosuch' } }), { code: 'pool-not-found' });

  await world.call('putResource', { params: { name: 'licence.x' }, body: { spec: { total: 3 } } });
  t.like(json(await world.call('listResources', { query: { limit: 500 } })), { items: [{ spec: { total: 3 } }] });
  t.like(await world.refused('putResource', { params: { name: 'cpu' }, body: { spec: { total: 3 } } }), {
    code: 'invalid-argument',
  });
  t.like(await world.refused('deleteResource', { params: { name: 'nosuch' } }), { code: 'resource-not-found' });
  t.like(json(await world.call('getCapacity', {})), { parkedClasses: 0, unplaceableTasks: 0 });
  t.like(await world.refused('getCapacity', { caller: LIMITED }), { code: 'forbidden' });
});

test('tasks that wait are changed, and dead letters move or go', async (t) => {
  const world = await WritesWorld.create(t);
  const waiting = await world.drover.submit('nosuch', 1, { queue: 'mail' });
  const hidden = await world.drover.submit('nosuch', 1, { queue: 'images' });
  const params = { id: waiting.id };
  t.like(json(await world.call('changeTask', { params, body: { delay: '1h', reason: 'later' } })), {
    id: waiting.id,
    state: 'scheduled',
  });
  const moved = await world.call('changeTask', { params, body: { queue: 'mail2' }, caller: LIMITED });
  const { moved: next } = moved.json as { moved: string };
  t.like(await world.drover.get(next), { queue: 'mail2' });
  t.like(await world.refused('changeTask', { params, body: { now: true } }), { code: 'conflict' });
  t.like(await world.refused('changeTask', { params: { id: next }, body: {} }), { code: 'invalid-argument' });
  const refusals: [string, object, object][] = [
    ['changeTask', { queue: 'images' }, { code: 'forbidden' }],
    ['changeTask', { at: 'soon' }, { code: 'invalid-argument', data: { field: 'at' } }],
    ['changeTask', { delay: '1h', now: true }, { code: 'invalid-argument' }],
  ];
  for (const [name, body, error] of refusals)
    t.like(await world.refused(name, { params: { id: next }, body, caller: LIMITED }), error);
  t.like(await world.refused('changeTask', { params: { id: hidden.id }, body: { now: true }, caller: LIMITED }), {
    code: 'task-not-found',
  });
  const change = { at: Date.now() + 60_000 };
  const none = `${ulid()}.0`;
  const body = { tasks: [none, hidden.id, next], change };
  t.like(json(await world.call('changeTasks', { body, caller: LIMITED })), {
    items: [
      { id: none, ok: false, state: 'unknown' },
      { id: hidden.id, ok: false, state: 'unknown' },
      { id: next, ok: true, state: 'scheduled' },
    ],
  });
  t.like(json(await world.call('changeTasks', { body })), { items: [{ ok: false }, { ok: true }, { ok: true }] });

  const dead = await Promise.all(
    ['mail', 'mail', 'images'].map((queue) => world.drover.submit('fail', 1, { maxAttempts: 1, queue })),
  );
  await Promise.all(dead.map((task) => t.throwsAsync(task.result())));
  const [first = '', second = '', third = ''] = dead.map(({ id }) => id);
  const countOf = async (filter: string, action = 'purge'): Promise<number> =>
    json(await world.call('previewBulk', { body: { action, filter } })).count;
  await world.until(async () => ((await countOf('state:failed')) === 3 ? true : null));
  const redriven = await world.call('redriveDead', {
    body: { tasks: [first, third], queue: 'mail3' },
    caller: LIMITED,
  });
  t.like(json(redriven), { found: 2, redriven: 1, refused: [{ id: third, state: 'unknown' }] });
  await world.until(async () => ((await countOf('queue:mail3')) === 1 ? true : null));
  t.like(json(await world.call('redriveDead', { body: { tasks: [second] } })), { found: 1, redriven: 1, refused: [] });
  await world.until(async () => ((await countOf('state:failed')) === 3 ? true : null));
  t.like(json(await world.call('purgeDead', { body: { tasks: [second, next], reason: 'tidy' } })), {
    found: 2,
    purged: 1,
    refused: [{ id: next }],
  });
  t.is(await countOf('state:failed'), 2);

  const ended = async (request: object): Promise<object> => {
    const over = new Promise<object>((resolve) => {
      const stop = world.writes.operations.onChange(({ view }) => {
        if (view.state !== 'running') stop();
        if (view.state !== 'running') resolve(view);
      });
    });
    const { token } = json(await world.call('previewBulk', { body: request }));
    await world.call('startBulk', { body: { token, reason: 'r', rate: 'unlimited' } });
    return over;
  };
  const toQueue = { action: 'retry', filter: 'queue:images', toQueue: 'mail4' };
  t.like(await ended(toQueue), { ...toQueue, state: 'done', of: 1, done: 1 });
  await world.until(async () => ((await countOf('queue:mail4')) === 1 ? true : null));
  t.like(await ended({ action: 'purge', filter: 'state:failed' }), { action: 'purge', state: 'done', of: 2, done: 2 });
  t.is(await countOf('state:failed'), 0);
  const asked = { action: 'purge', filter: '' };
  t.like(await world.refused('previewBulk', { body: asked, caller: LIMITED }), { code: 'forbidden' });
  t.like(await world.refused('previewBulk', { body: { ...asked, toQueue: 'mail' } }), { data: { field: 'toQueue' } });
});

test('calendars and whole files of schedules', async (t) => {
  const world = await WritesWorld.create(t);
  const params = { name: 'holidays' };
  t.deepEqual(json(await world.call('putCalendar', { params, body: { dates: ['2026-12-25'] } })), {
    name: 'holidays',
    dates: ['2026-12-25'],
  } as never);
  t.like(await world.refused('putCalendar', { params, body: { dates: ['2026-13-25'] } }), { code: 'invalid-argument' });
  t.like(await world.refused('putCalendar', { params, body: { dates: [] }, caller: LIMITED }), { code: 'forbidden' });
  const of = (name: string, queue: string) => ({
    name,
    when: { cron: '0 3 * * *', tz: 'UTC', except: [{ calendar: 'holidays' }] },
    run: { type: 'echo', queue },
    labels: { app: 'x' },
  });
  const body = { schedules: [of('a', 'mail'), of('b', 'images')] };
  const news = { created: ['a', 'b'], changed: [], unchanged: [], pruned: [] };
  t.like(json(await world.call('applySchedules', { body: { ...body, dryRun: true } })), news);
  t.like(json(await world.call('listSchedules')), { items: [] });
  t.like(await world.refused('applySchedules', { body, caller: LIMITED }), { code: 'forbidden' });
  t.like(json(await world.call('applySchedules', { body })), news);
  // The one that would be removed is of a queue that the caller may not act on.
  const pruning = { schedules: [of('a', 'mail')], prune: { app: 'x' } };
  t.like(await world.refused('applySchedules', { body: pruning, caller: LIMITED }), { code: 'conflict' });
  t.like(json(await world.call('resetSchedule', { params: { name: 'a' }, body: { mark: 'now' } })), { name: 'a' });
  t.like(await world.refused('deleteCalendar', { params }), { code: 'conflict' });
  t.like(json(await world.call('applySchedules', { body: pruning })), { unchanged: ['a'], pruned: ['b'] });
  t.deepEqual(json(await world.call('deleteCalendar', { params, query: { force: '1' } })), params as never);
  t.like(json(await world.call('listCalendars')), { items: [] });
});

test('the number of a preview is what is done, skipped and failed together', async (t) => {
  const world = await WritesWorld.create(t);
  const tasks = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      world.drover.submit('fail', n, { maxAttempts: 1, queue: n < 20 ? 'mail' : 'images' }),
    ),
  );
  await Promise.all(tasks.map((task) => t.throwsAsync(task.result())));
  const preview = async (caller = ANYBODY) =>
    json(await world.call('previewBulk', { body: { action: 'retry', filter: 'state:failed' }, caller }));
  const shown = await world.until(async () => {
    const now = await preview();
    return now.count === 30 ? now : null;
  });
  t.like(shown, { count: 30, exact: true, byQueue: { mail: 20, images: 10 }, byType: { fail: 30 } });
  t.is(shown.samples.length, 10);
  const { token } = shown;
  t.like(await world.refused('startBulk', { body: { token, reason: 'r' }, caller: LIMITED }), {
    code: 'preview-expired',
  });
  await world.drover.pauseQueue('mail');
  // One is no longer failed when the run comes to it.
  await world.drover.retry([tasks[0]?.id ?? '']);
  const start = () => world.call('startBulk', { body: { token, reason: 'provider is back', rate: 'unlimited' } });
  const ended = new Promise<unknown>((resolve) => {
    const stop = world.writes.operations.onChange(({ view }) => {
      if (view.state !== 'running') stop();
      if (view.state !== 'running') resolve(view);
    });
    t.teardown(stop);
  });
  const started = await start();
  t.is(started.status, 202);
  t.is(json(await start()).id, json(started).id, 'twice is once');
  const { previews, operations } = world.writes;
  t.like(await ended, {
    state: 'done',
    of: 30,
    done: 29,
    skipped: 1,
    failed: 0,
    by: 'anybody',
    reason: 'provider is back',
  });
  const params = { id: json(started).id };
  t.like(json(await world.call('getOperation', { params })), { state: 'done' });
  t.like(json(await world.call('listOperations')), { items: [{ id: params.id }] });
  t.like(json(await world.call('listOperations', { caller: LIMITED })), { items: [] });
  t.is(operations.get(params.id)?.kept, 0, 'it has ended, and needs its ids no more');
  t.true(previews.kept > 0);
  previews.forgetOld(Date.now() + 600_001);
  t.is(previews.kept, 0);
  t.like(await world.refused('getOperation', { params: { id: 's1.x' } }), { code: 'operation-not-found' });
  t.like(await preview(LIMITED), { count: 0, byQueue: {} });
});
