import test from 'ava';
import { assignmentPath, keyPath, queuePath, resultPath, workerAssignmentsPath, workerPath } from '@drover/protocol';
import type { Acl } from '@drover/zookeeper';
import { logged, World, type RunningScheduler } from './support/world.js';

/** Records of a later version, or with a need that no program knows, in every place where a leader reads. */

const NEEDS = { v: 2, needs: ['one-day'] };
const WHY = /needs 'one-day', which this program does not understand: upgrade it/;
const RETAIN_NOTHING = { retainMs: 0, retainAtLeastMs: 0, retainTasks: 0, retainDeadTasks: 0 };

/** Rewrites the first line of a record. */
async function change(world: World, path: string, fields: object): Promise<void> {
  const [first = '', ...lines] = (await world.zk.get(path)).data.toString().split('\n');
  await world.zk.set(path, [JSON.stringify({ ...(JSON.parse(first) as object), ...fields }), ...lines].join('\n'));
}

/** `s2` leads instead of `first`. */
async function succeed(world: World, first: RunningScheduler): Promise<RunningScheduler> {
  const next = await world.scheduler('s2', RETAIN_NOTHING);
  await first.scheduler.stop();
  await world.leader(({ id }) => id === 's2');
  await world.until(() => (logged(next, 'term.loaded') ? true : null));
  return next;
}

/** Tasks run under the present leader. */
async function works(world: World): Promise<void> {
  const batch = await world.submitter.submit(3);
  await world.until(async () =>
    (await world.submitter.header(batch)) === null ? true : world.submitter.finished(batch),
  );
}

test('a batch that needs what the leader does not understand stays as it is, and whoever asks is told why', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1', RETAIN_NOTHING);
  // Finished, pending, and one with a failed task: as a leader of a later version may leave them.
  const batches = [
    await world.submitter.submit(2, { type: 'nobody' }),
    await world.submitter.submit(1, { type: 'nobody' }),
  ];
  const [pending = '', finished = ''] = batches;
  const ended = { finished: { at: 1, succeeded: 0, failed: 1, cancelled: 0 }, kept: [0], attempts: [1] };
  await change(world, world.pathOf(pending), { ...NEEDS, groups: [{ type: 'noop', count: 2 }] });
  await change(world, world.pathOf(finished), { ...NEEDS, ...ended });
  const second = await succeed(world, first);
  const worker = await world.worker('w1');
  await works(world);
  for (const batch of batches) {
    await world.until(() => (logged(second, 'record.invalid', { path: world.pathOf(batch) }) ? true : null));
    t.regex(String(second.events.find(({ fields }) => fields.path === world.pathOf(batch))?.fields.reason), WHY);
    t.is(second.events.filter(({ fields }) => fields.path === world.pathOf(batch)).length, 1, 'it is said once');
    t.is(worker.begun.get(`${batch}.0`), undefined);
    t.truthy(await world.zk.exists(world.pathOf(batch)), 'retention leaves it alone, too');
    for (const kind of ['cancel', 'retry'] as const) {
      const answer = await world.ask({ kind, tasks: [`${batch}.0`] });
      t.like(answer.tasks?.[0], { ok: false, state: 'unreadable' });
      t.regex(answer.tasks?.[0]?.message ?? '', WHY);
    }
  }
  await world.until(async () =>
    (await world.json<{ unreadableBatches?: number }>('/status'))?.unreadableBatches === 2 ? true : null,
  );
  t.is(second.events.filter(({ name }) => name === 'term.aborted').length, 0);
  // Without the need it is an ordinary batch.
  await change(world, world.pathOf(pending), { v: 1, needs: undefined });
  await world.until(() => worker.begun.get(`${pending}.1`) ?? null);
  await world.until(async () =>
    (await world.json<{ unreadableBatches?: number }>('/status'))?.unreadableBatches === 1 ? true : null,
  );
});

test('a queue whose settings need what the leader does not understand is paused, and nobody changes them', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const settings = { v: 1, paused: false, priority: 0, weight: 1, maxRunning: null };
  await world.zk.create(queuePath('special'), JSON.stringify({ ...settings, ...NEEDS }));
  const worker = await world.worker('w1');
  const batch = await world.submitter.submit(2, {}, 'special');
  const second = await succeed(world, first);
  await works(world);
  t.is(worker.begun.get(`${batch}.0`), undefined);
  const status = await world.until(async () => {
    const found = await world.json<{ queues: Record<string, { paused: boolean; pausedBy?: { reason: string } }> }>(
      '/status',
    );
    return found?.queues.special ?? null;
  });
  t.true(status.paused);
  t.regex(status.pausedBy?.reason ?? '', WHY);
  const answer = await world.ask({ kind: 'configure', queue: 'special', settings: { paused: false } });
  t.false(answer.ok);
  t.regex(answer.message ?? '', WHY);
  t.true(logged(second, 'record.invalid', { path: queuePath('special') }));
  await world.zk.set(queuePath('special'), JSON.stringify(settings));
  await world.until(() => worker.begun.get(`${batch}.0`) ?? null);
  // And again, while it leads.
  await world.zk.set(queuePath('special'), JSON.stringify({ v: 7 }));
  await world.until(() =>
    second.events.filter(({ fields }) => fields.path === queuePath('special')).length === 2 ? true : null,
  );
  const later = await world.submitter.submit(1, {}, 'special');
  await works(world);
  t.is(worker.begun.get(`${later}.0`), undefined);
  await world.zk.delete(queuePath('special'));
  await world.until(() => worker.begun.get(`${later}.0`) ?? null);
});

for (const record of [
  { ...NEEDS, request: { kind: 'cancel', tasks: [] } },
  { v: 3, request: 7 },
  { v: 1, request: { kind: 'dance' } },
])
  test(`a command of a later version is answered so that whoever asked can read it: ${JSON.stringify(record)}`, async (t) => {
    const world = await World.create(t);
    await world.scheduler('s1');
    await world.zk.create('/commands/later', JSON.stringify(record), { mode: 'ephemeral' });
    const answered = await world.until(async () => {
      const found = await world.json<{ answer?: { ok: boolean; message: string } }>('/commands/later');
      return found?.answer === undefined ? null : found;
    });
    t.like(answered, record, 'what was asked stands there as it was');
    t.false(answered.answer?.ok);
    t.regex(answered.answer?.message ?? '', /needs 'one-day'|version 3|request/);
  });

test('a change of a record keeps the fields that a later release wrote into it', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const later = { tomorrow: { limit: 7 } };
  const settings = { v: 1, paused: false, priority: 0, weight: 1, maxRunning: null };
  await world.zk.create(queuePath('mail'), JSON.stringify({ ...settings, ...later }));
  const worker = await world.worker('w1', { hold: true });
  await change(world, workerAssignmentsPath(worker.id), later);
  const batch = await world.submitter.submit(1, {}, 'mail');
  const { id } = await worker.next();
  await change(world, assignmentPath(worker.id, id), later);
  await succeed(world, first);
  for (const paused of [true, false]) {
    const answer = await world.until(async () => {
      const said = await world.ask({ kind: 'configure', queue: 'mail', settings: { paused } });
      return said.ok ? said : null;
    });
    t.true(answer.ok);
    t.like(await world.json(queuePath('mail')), { paused, ...later });
  }
  for (const draining of [true, false]) {
    t.true((await world.ask({ kind: 'drain', worker: 'w1', draining })).ok);
    t.like(await world.json(workerAssignmentsPath(worker.id)), { draining, ...later });
  }
  t.true((await world.ask({ kind: 'cancel', tasks: [`${batch}.0`] })).ok);
  const asked = await world.until(async () => {
    const record = await world.json<{ cancel?: unknown }>(assignmentPath(worker.id, id));
    return record?.cancel === undefined ? null : record;
  });
  t.like(asked, { cancel: [[0, 1]], ...later });
});

test('a key that needs what the leader does not understand is not let go', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const batch = await world.submitter.submit(1, { key: 'k' });
  const path = keyPath('default', 'k');
  await change(world, path, NEEDS);
  await world.worker('w1');
  await world.until(() => world.submitter.finished(batch));
  await world.until(() => (logged(leader, 'record.invalid', { path }) ? true : null));
  await works(world);
  t.truthy(await world.zk.exists(path));
});

test('a worker that needs what the leader does not understand is given nothing, and keeps what it has', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const odd = await world.worker('odd', { hold: true });
  const batch = await world.submitter.submit(1);
  const held = await odd.next();
  await change(world, workerPath(odd.id), NEEDS);
  await world.until(() => (logged(first, 'record.invalid', { path: workerPath(odd.id) }) ? true : null));
  const plain = await world.worker('plain');
  await works(world);
  const second = await succeed(world, first);
  await works(world);
  t.deepEqual(odd.tasks(), [`${batch}.0`], 'neither a change of its record nor of the leader moves a task');
  t.is(plain.begun.get(`${batch}.0`), undefined);
  t.false(logged(second, 'assignment.revoked'));
  t.true(await odd.succeed(held));
});

test('a living worker whose record is garbage keeps what it has under the next leader; when it dies it is lost', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const odd = await world.worker('odd', { hold: true });
  const batch = await world.submitter.submit(1);
  const held = await odd.next();
  await world.zk.set(workerPath(odd.id), 'garbage');
  const second = await succeed(world, first);
  const plain = await world.worker('plain', { hold: true });
  t.true(odd.held.has(held.id));
  t.false(logged(second, 'assignment.revoked'));
  await odd.stop();
  const again = await plain.next();
  t.is(again.record.batch, batch);
  t.is(again.record.attempt, 2);
  await world.until(async () => ((await world.zk.exists(workerAssignmentsPath(odd.id))) === null ? true : null));
});

test('an assignment that needs what the next leader does not understand stays out, and nothing of its batch moves', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1', { graceMs: 10 });
  const worker = await world.worker('w1', { hold: true, capacity: 1, types: ['special'] });
  const batch = await world.submitter.submit(2, { type: 'special' });
  const held = await worker.next();
  const path = assignmentPath(worker.id, held.id);
  await change(world, path, NEEDS);
  const second = await succeed(world, first);
  const plain = await world.worker('plain', { types: ['noop', 'special'] });
  await works(world);
  t.truthy(await world.zk.exists(path));
  t.true(logged(second, 'record.invalid', { path }));
  t.is(plain.begun.get(`${batch}.0`) ?? plain.begun.get(`${batch}.1`), undefined, 'also of what was not out');
  t.regex((await world.ask({ kind: 'cancel', tasks: [`${batch}.0`] })).tasks?.[0]?.message ?? '', WHY);
  await worker.stop();
  await world.until(() => (logged(second, 'worker.left', { worker: worker.id }) ? true : null));
  await works(world);
  t.truthy(await world.zk.exists(path), 'a leader that understands it takes it away');
});

test('a directory of a worker that needs what the leader does not understand gets nothing, and stays', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const odd = await world.worker('odd');
  const path = workerAssignmentsPath(odd.id);
  await change(world, path, NEEDS);
  const second = await succeed(world, first);
  await world.worker('plain');
  const before = odd.begun.size;
  await works(world);
  t.is(odd.begun.size, before);
  const answer = await world.ask({ kind: 'drain', worker: 'odd', draining: true });
  t.false(answer.ok);
  t.regex(answer.message ?? '', WHY);
  await odd.stop();
  await world.until(() => (logged(second, 'worker.left', { worker: odd.id }) ? true : null));
  await works(world);
  t.truthy(await world.zk.exists(path));
});

test('a report of a later version ends its tasks by what it says of them in every version', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(2, { maxAttempts: 1 });
  const held = await worker.next(({ record }) => record.tasks.some(([from, to]) => to - from === 2));
  const tasks = [
    [0, 1, 'succeeded'],
    [1, 2, 'failed', 7, 'and more'],
  ];
  const report = { ...NEEDS, worker: { of: 'a later shape' }, attempt: held.record.attempt, tasks };
  await world.zk.multi([
    { op: 'create', path: resultPath(batch, `${held.id.split('.')[1] ?? ''}.later`), data: JSON.stringify(report) },
    { op: 'delete', path: assignmentPath(worker.id, held.id) },
  ]);
  const counts = await world.until(() => world.submitter.finished(batch));
  t.like(counts, { succeeded: 1, failed: 1 });
  await succeed(world, first);
  t.is(worker.begun.get(`${batch}.0`), 1);
  t.is(worker.begun.get(`${batch}.1`), 1);
});

/** Each unreadable record may have stood for an attempt: the next leader must not use that number again. */
const UNACCOUNTED: Readonly<Record<string, (world: World, path: string, result: string) => Promise<unknown>>> = {
  'an assignment': (world, path) => world.zk.set(path, 'garbage'),
  'a report of success by its name': (world, path, result) => replaced(world, path, `${result}.ok`),
  'a report of a part': (world, path, result) => replaced(world, path, `${result}.0`),
  'an end that a leader wrote': (world, path, result) => replaced(world, path, `${result}.end`),
  'a report that nobody may read': (world, path, result) => replaced(world, path, `${result}.0`, NOBODY),
};
const ANYBODY: Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 31 }];
const NOBODY: Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 16 }];
async function replaced(world: World, path: string, result: string, acl?: Acl[]): Promise<void> {
  await world.zk.multi([
    { op: 'create', path: result, data: 'garbage', ...(acl === undefined ? {} : { acl }) },
    { op: 'delete', path },
  ]);
}
for (const [what, spoil] of Object.entries(UNACCOUNTED))
  test(`no attempt number is used twice where ${what} is garbage for the next leader`, async (t) => {
    const world = await World.create(t);
    const first = await world.scheduler('s1');
    const holder = await world.worker('w1', { hold: true, capacity: 1 });
    const batch = await world.submitter.submit(1);
    const held = await holder.next();
    t.is(held.record.attempt, 1);
    await first.scheduler.stop();
    await spoil(world, assignmentPath(holder.id, held.id), `${world.pathOf(batch)}/${held.id.split('.')[1] ?? ''}`);
    await world.scheduler('s2');
    const again = await holder.next(({ id, record }) => id !== held.id && record.batch === batch);
    t.is(again.record.attempt, 2);
    t.true(await holder.succeed(again));
    t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 1);
    // So that the test can be cleared away.
    const path = world.pathOf(batch);
    for (const name of await world.zk.children(path)) await world.zk.setAcl(`${path}/${name}`, ANYBODY);
  });

test('that an assignment was garbage is known to every later leader, though the first one took it away', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const holder = await world.worker('w1', { hold: true, capacity: 1 });
  const batch = await world.submitter.submit(1);
  const held = await holder.next();
  await world.ask({ kind: 'configure', queue: 'default', settings: { paused: true } });
  await world.zk.set(assignmentPath(holder.id, held.id), 'garbage');
  const second = await succeed(world, first);
  t.is(await world.zk.exists(assignmentPath(holder.id, held.id)), null);
  await world.scheduler('s3');
  await second.scheduler.stop();
  await world.leader(({ id }) => id === 's3');
  await world.ask({ kind: 'configure', queue: 'default', settings: { paused: false } });
  const again = await holder.next(({ id, record }) => id !== held.id && record.batch === batch);
  t.is(again.record.attempt, 2);
});

test('a batch that is garbage while something of it is out stays alone until the next term, also when it is mended', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const holder = await world.worker('w1', { hold: true, types: ['special'] });
  const batch = await world.submitter.submit(1, { type: 'special' });
  const held = await holder.next();
  const whole = (await world.zk.get(world.pathOf(batch))).data;
  await first.scheduler.stop();
  await world.zk.set(world.pathOf(batch), 'garbage');
  const second = await world.scheduler('s2');
  await world.until(() => (logged(second, 'term.loaded') ? true : null));
  const path = world.pathOf(batch);
  const reports = (): number => second.events.filter(({ fields }) => fields.path === path).length;
  const before = reports();
  await world.zk.set(path, whole);
  await world.until(() => (reports() > before ? true : null));
  const plain = await world.worker('plain', { types: ['noop', 'special'] });
  await works(world);
  t.is(plain.begun.get(`${batch}.0`), undefined);
  t.truthy(await world.zk.exists(assignmentPath(holder.id, held.id)));
  await world.scheduler('s3');
  await second.scheduler.stop();
  await world.leader(({ id }) => id === 's3');
  t.true(await holder.succeed(held));
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 1);
  t.is(plain.begun.get(`${batch}.0`), undefined);
});
