import test from 'ava';
import { LAYOUT } from '@drover/protocol';
import type { Acl } from '@drover/zookeeper';
import { FakeWorker } from './support/fake-worker.js';
import { logged, World, type RunningScheduler } from './support/world.js';

const SHUT: Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 16 }];
const READ_ONLY: Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 17 }];
const OPEN: Acl[] = [{ scheme: 'world', id: 'anyone', permissions: 31 }];

/** Shuts a znode until the end of the test. */
async function shut(world: World, t: { teardown: (undo: () => Promise<unknown>) => void }, path: string, acl: Acl[]) {
  await world.zk.setAcl(path, acl);
  t.teardown(() => world.zk.setAcl(path, OPEN));
}
const began = ({ events }: RunningScheduler): number => events.filter(({ name }) => name === 'term.began').length;

test('a worker for which nothing can be written gets nothing; others do its work, and the term goes on', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const closed = await world.worker('w1', { capacity: 100 });
  await shut(world, t, `/assignments/${closed.id}`, READ_ONLY);
  const first = await world.submitter.submit(3);
  await world.until(() => (logged(leader, 'write.refused', { code: 'NO_AUTH' }) ? true : null));
  await world.worker('w2');
  t.is((await world.until(() => world.submitter.finished(first))).succeeded, 3);
  t.is(closed.begun.size, 0);
  await world.zk.setAcl(`/assignments/${closed.id}`, OPEN);
  await world.until(async () => {
    await world.submitter.submit(10);
    return closed.begun.size > 0 ? true : null;
  });
  t.is(began(leader), 1);
});

test('what nobody can read is reported, and everything else goes on, also under the next leader', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.submitter.submitMany([{ queue: 'q', types: ['noop'] }]);
  const batch = await world.submitter.submit(1, { type: 'later' });
  const path = world.pathOf(batch);
  await shut(world, t, path, SHUT);
  await world.zk.create('/queues/shut', '{}', { acl: SHUT });
  await world.zk.create('/commands/shut', '{}', { acl: SHUT });
  await world.zk.create('/workers/shut', '{}', { acl: SHUT });
  const second = await world.scheduler('s2');
  await first.scheduler.stop();
  await world.leader(({ id }) => id === 's2');
  await world.worker('w1');
  const after = await world.submitter.submit(2);
  t.is((await world.until(() => world.submitter.finished(after))).succeeded, 2);
  for (const shutPath of [path, '/queues/shut', '/commands/shut', '/workers/shut'])
    await world.until(() => (logged(second, 'record.invalid', { path: shutPath }) ? true : null));
  t.is(began(second), 1);
  for (const each of ['/queues/shut', '/commands/shut', '/workers/shut']) await world.zk.setAcl(each, OPEN);
});

test('an assignment that the next leader cannot read is taken away before its tasks go out again', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const holder = await world.worker('w1', { hold: true });
  await world.submitter.submit(2);
  const [id] = await world.until(() => (holder.held.size > 0 ? [...holder.held.keys()] : null));
  const path = `/assignments/${holder.id}/${id ?? ''}`;
  await world.zk.setAcl(path, SHUT);
  const second = await world.scheduler('s2');
  await first.scheduler.stop();
  await world.leader(({ id: leader }) => leader === 's2');
  await world.until(async () => {
    const there = await world.zk.children(`/assignments/${holder.id}`);
    return there.some((each) => each !== id) ? true : null;
  });
  t.is(await world.zk.exists(path), null);
  t.true(logged(second, 'record.invalid', { path }));
});

test('nobody leads while a directory of assignments cannot be read: what is out must not go out twice', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1');
  await shut(world, t, `/assignments/${worker.id}`, SHUT);
  await first.scheduler.stop();
  const second = await world.scheduler('s2');
  await world.until(() => (logged(second, 'term.aborted') ? true : null));
  await world.zk.setAcl(`/assignments/${worker.id}`, OPEN);
  const batch = await world.submitter.submit(2);
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 2);
});

test('a batch that cannot be removed is reported, and the term goes on', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1', { retainMs: 0, retainAtLeastMs: 0, retainTasks: 0, retainDeadTasks: 0 });
  await world.worker('w1');
  const batch = await world.submitter.submit(1, { delayMs: 200 });
  const path = world.pathOf(batch);
  // Deeper than anything of ours.
  await world.zk.create(`${path}/strange`, '');
  await world.zk.create(`${path}/strange/deeper`, '');
  await world.until(async () => ((await world.zk.exists(path)) === null ? true : null));
  t.is(began(leader), 1);
  t.true(logged(leader, 'retention.removed', { batches: 1, tasks: 1 }));
});

for (const root of ['/assignments', '/tasks', '/queues', '/commands', '/workers', '/keys', '/schedulers', '/tasks/2a'])
  test(`a scheduler survives that somebody removes ${root} and all below it`, async (t) => {
    const world = await World.create(t);
    const leader = await world.scheduler('s1');
    const worker = await world.worker('w1');
    const before = await world.submitter.submit(4);
    await world.until(() => world.submitter.finished(before));
    await removeAll(world, root);
    await world.until(async () => {
      const there = await Promise.all(LAYOUT.map((path) => world.zk.exists(path)));
      return there.every((found) => found !== null) ? true : null;
    });
    const again = root === '/workers' ? await world.worker('w2') : worker;
    const after = await world.submitter.submit(4);
    t.is((await world.until(() => world.submitter.finished(after))).succeeded, 4);
    t.true(again instanceof FakeWorker);
    t.like(await world.ask({ kind: 'configure', queue: 'q', settings: { weight: 2 } }), { ok: true });
    for (const { fields } of leader.events.filter(({ name }) => name === 'term.aborted'))
      t.regex(String(fields.reason), /was removed|NO_NODE/);
  });

async function removeAll(world: World, path: string): Promise<void> {
  const below = await pathsBelow(world, path);
  // All are deleted in one transaction, since the scheduler soon creates them again.
  await world.zk.multi([...below, path].map((each) => ({ op: 'delete', path: each })));
}

async function pathsBelow(world: World, path: string): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await world.zk.children(path))
    paths.push(...(await pathsBelow(world, `${path}/${name}`)), `${path}/${name}`);
  return paths;
}

test('terms that end by an error again and again say why, and begin ever later', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  await world.leader();
  await shut(world, t, '/assignments', SHUT);
  await leader.scheduler.stop();
  const next = await world.scheduler('s2');
  const aborted = await world.until(() => {
    const found = next.events.filter(({ name }) => name === 'term.aborted');
    return found.length >= 3 ? found : null;
  });
  const pauses = aborted.map(({ fields }) => fields.pauseMs as number);
  t.true((pauses[2] ?? 0) > (pauses[0] ?? 0), pauses.join());
  t.regex(String(aborted[0]?.fields.reason), /NO_AUTH/);
});
