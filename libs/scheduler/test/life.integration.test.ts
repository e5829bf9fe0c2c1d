import test from 'ava';
import { keyPath } from '@drover/protocol';
import { logged, World } from './support/world.js';

test('after retention the tree is as it was before', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1', { retainTasks: 0, retainAtLeastMs: 0 });
  // The last of what a new leader writes.
  await world.until(async () => ((await world.zk.exists('/intake')) === null ? null : true));
  const before = await world.zk.countDescendants('/');
  const worker = await world.worker('w1', { capacity: 8 });
  const batches = await Promise.all(Array.from({ length: 20 }, () => world.submitter.submit(25)));
  await world.submitter.submit(1, { key: 'only-once' });
  await worker.until(() => (worker.begun.size === 501 ? true : null));
  await worker.stop();
  await world.until(() => (logged(leader, 'worker.left') ? true : null));
  t.true(logged(leader, 'worker.left', { worker: worker.id, assignments: 0, tasks: 0 }));
  await world.until(async () => ((await world.zk.countDescendants('/')) === before ? true : null));
  t.is(batches.length, 20);
});

test('the removal of failed tasks is told with their number, and so is that of all tasks', async (t) => {
  const world = await World.create(t);
  const retention = { retainTasks: 0, retainDeadTasks: 0, retainAtLeastMs: 0 };
  const leader = await world.scheduler('s1', retention);
  const worker = await world.worker('w1', { hold: true });
  await world.submitter.submit(3, { maxAttempts: 1 });
  const held = await worker.next(({ record }) => String(record.tasks) === '0,3');
  await worker.report(held, [
    { from: 0, to: 1, outcome: 'succeeded' },
    { from: 1, to: 3, outcome: 'failed' },
  ]);
  await world.until(() => (logged(leader, 'retention.removed') ? true : null));
  t.true(logged(leader, 'retention.removed', { batches: 1, tasks: 3 }));
  t.true(logged(leader, 'retention.dead-removed', { batches: 1, tasks: 2 }));
});

test('a key is free again when its task has ended, and not before', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1, { key: 'k' });
  const held = await worker.next();
  t.not(await world.zk.exists(keyPath('default', 'k')), null);
  await worker.succeed(held);
  await world.until(() => world.submitter.finished(batch));
  t.is(await world.zk.exists(keyPath('default', 'k')), null);
});

test('a delayed task waits, a failed one is tried again, and a deadly one ends as failed', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const retry = { kind: 'constant', delayMs: 10, maxDelayMs: 10, jitter: 0 } as const;
  const batch = await world.submitter.submit(1, { delayMs: 100, maxAttempts: 2, retry });
  const { ctime } = (await world.zk.get(`/tasks/${await bucketOf(world, batch)}/${batch}`)).stat;
  const first = await worker.next();
  t.true(first.record.at >= ctime + 100);
  await worker.report(first, [{ from: 0, to: 1, outcome: 'failed' }]);
  const second = await worker.next();
  t.is(second.record.attempt, 2);
  await worker.report(second, [{ from: 0, to: 1, outcome: 'failed' }]);
  t.is((await world.until(() => world.submitter.finished(batch))).failed, 1);
  t.true(logged(leader, 'task.dead', { task: `${batch}.0`, attempts: 2 }));
  await worker.stop();

  const deadly = await world.submitter.submit(1);
  for (let i = 0; i < 3; i++) {
    const victim = await world.worker('v', { hold: true });
    await victim.next();
    await victim.stop();
  }
  t.is((await world.until(() => world.submitter.finished(deadly))).failed, 1);
});

async function bucketOf(world: World, batch: string): Promise<string> {
  for (const bucket of await world.zk.children('/tasks'))
    if ((await world.zk.exists(`/tasks/${bucket}/${batch}`)) !== null) return bucket;
  throw new Error(`there is no batch ${batch}`);
}

test('garbage in any znode is reported and skipped, and what is good goes on', async (t) => {
  const world = await World.create(t);
  const bad = '01J0000000000000000000BAD0';
  const good = await world.submitter.submit(4);
  await world.zk.create(`/tasks/00/${bad}`, 'not json');
  await world.zk.create('/tasks/00/nonsense', '');
  await world.zk.create(`/tasks/${await bucketOf(world, good)}/${good}/what`, '');
  await world.zk.create('/workers/strange', '{"v":99}', { mode: 'ephemeral' });
  await world.zk.create('/queues/broken', '[]');
  await world.zk.create('/commands/broken', '{', { mode: 'ephemeral' });
  await world.zk.create('/assignments/nobody', '?');
  await world.zk.create('/assignments/nobody/thing', '?');
  await world.zk.create(`/assignments/nobody/${good}.e0-1`, '{"v":1}');
  await world.zk.create('/status', 'x');
  const leader = await world.scheduler('s1');
  const worker = await world.worker('w1');
  t.is((await world.until(() => world.submitter.finished(good))).succeeded, 4);
  t.is(worker.begun.size, 4);
  await world.until(async () => ((await world.zk.exists('/assignments/nobody')) === null ? true : null));
  // Commands are read after the first tasks are handed out.
  for (const path of ['/tasks/00/nonsense', '/workers/strange', '/queues/broken', '/commands/broken'])
    await world.until(() =>
      leader.events.some(({ name, fields }) => name === 'record.invalid' && fields.path === path) ? true : null,
    );
  // While it leads, too.
  await world.zk.create(`/tasks/00/${bad.replace('BAD', 'BAE')}`, '{"v":1}');
  await world.zk.set('/leader', 'x');
  const after = await world.submitter.submit(4);
  t.is((await world.until(() => world.submitter.finished(after))).succeeded, 4);
  t.is(leader.events.filter(({ name }) => name === 'term.began').length, 1);
});

test('a batch that could not be read is taken up when somebody mends it', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  await world.worker('w1');
  const batch = await world.submitter.submit(2);
  await world.until(() => world.submitter.finished(batch));
  const mended = '01J00000000000000000000000';
  await world.zk.create(`/tasks/00/${mended}`, '{"v":1}');
  await world.until(() => (logged(leader, 'record.invalid', { path: `/tasks/00/${mended}` }) ? true : null));
  const header = { v: 1, queue: 'q', count: 1, groups: [{ type: 'noop', count: 1 }], at: 0, client: 'test' };
  await world.zk.set(`/tasks/00/${mended}`, `${JSON.stringify(header)}\nnull`);
  t.is((await world.until(() => world.submitter.finished(mended))).succeeded, 1);
});

test('an assignment that somebody deletes by hand is handed out again', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1);
  const held = await worker.next();
  await world.zk.delete(`/assignments/${worker.id}/${held.id}`);
  const again = await worker.next(({ id }) => id !== held.id);
  await worker.succeed(again);
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 1);
});

test('when somebody removes /epoch the next leader passes every epoch that names still carry', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(1);
  await worker.next();
  for (let terms = 1; terms < 3; terms++) {
    first.proxy.cut();
    await world.leader(({ epoch }) => epoch > terms);
  }
  await worker.release();
  await world.until(() => world.submitter.finished(batch));
  const pending = await world.submitter.submit(1, { type: 'other' });
  await world.zk.create(`/tasks/${await bucketOf(world, pending)}/${pending}/e7-1.end`, leaderWord);
  await first.scheduler.stop();
  await world.zk.delete('/epoch');
  const second = await world.scheduler('s2');
  await world.until(() => (logged(second, 'term.loaded') ? true : null));
  t.is((await world.leader()).epoch, 8);
});
const leaderWord = JSON.stringify({ v: 1, worker: 's0', attempt: 0, at: 0, tasks: [] });
