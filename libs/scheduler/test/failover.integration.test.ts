import test from 'ava';
import { logged, SHORT_MS, World } from './support/world.js';

test('of three schedulers exactly one leads, and an orderly stop hands over at once', async (t) => {
  const world = await World.create(t);
  const all = await Promise.all(['s1', 's2', 's3'].map((id) => world.scheduler(id)));
  const first = await world.leader();
  const leader = await world.until(() => all.find(({ scheduler }) => scheduler.epoch === first.epoch) ?? null);
  t.is(all.filter(({ scheduler }) => scheduler.epoch !== null).length, 1);
  await leader.scheduler.stop();
  const second = await world.leader(({ id }) => id !== first.id);
  t.is(second.epoch, first.epoch + 1);
  // Nobody had to wait for a session to expire: the stopped one's ephemerals are gone.
  t.is(await world.zk.exists(`/schedulers/${first.id}`), null);
});

test('when the leader dies its tasks stay where they are, and no task runs twice', async (t) => {
  const world = await World.create(t);
  const dying = await world.scheduler('s1');
  const first = await world.leader();
  const worker = await world.worker('w1', { capacity: 4, hold: true });
  const batch = await world.submitter.submit(10);
  await worker.until(() => (worker.tasks().length >= 4 ? true : null));
  const heldBefore = [...worker.held.keys()];
  const heir = await world.scheduler('s2');
  await world.kill(dying);
  const second = await world.leader(({ id }) => id === 's2');
  await world.until(() => (logged(heir, 'term.began') ? true : null));
  t.true(second.epoch > first.epoch);
  t.true(heldBefore.every((id) => worker.held.has(id)));
  await worker.release();
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 10);
  t.true([...worker.begun.values()].every((times) => times === 1));
});

test('a leader and a worker that die together lose only what the worker held', async (t) => {
  const world = await World.create(t);
  const dying = await world.scheduler('s1');
  await world.leader();
  const [doomed, healthy] = [await world.worker('w1', { hold: true }), await world.worker('w2', { hold: true })];
  const batch = await world.submitter.submit(8);
  await doomed.until(() => (doomed.tasks().length >= 4 ? true : null));
  await healthy.until(() => (healthy.tasks().length >= 4 ? true : null));
  const lost = new Set(doomed.tasks());
  await world.scheduler('s2');
  await Promise.all([world.kill(dying), doomed.stop()]);
  await world.leader(({ id }) => id === 's2');
  await healthy.release();
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 8);
  for (const [task, times] of healthy.begun) t.is(times, 1, `${task} of ${[...lost].join()}`);
  t.is(healthy.begun.size, 8);
});

test('a short interruption costs the leader a new epoch, and the workers nothing', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  await world.until(() => (logged(leader, 'term.began') ? true : null));
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(4);
  await worker.until(() => (worker.tasks().length === 4 ? true : null));
  leader.proxy.cut();
  await world.until(() => (logged(leader, 'term.began', { epoch: 2 }) ? true : null));
  t.true(logged(leader, 'term.ended', { epoch: 1, reason: 'suspended' }));
  t.is(leader.events.filter(({ name }) => name === 'session.expired').length, 0);
  t.is(worker.tasks().length, 4);
  await worker.release();
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 4);
  t.is(worker.begun.size, 4);
});

test('a leader that was partitioned away comes back as a follower', async (t) => {
  const world = await World.create(t);
  const cut = await world.scheduler('s1', {}, SHORT_MS);
  await world.leader();
  await world.scheduler('s2');
  cut.proxy.blackHole('both');
  const second = await world.leader(({ id }) => id === 's2');
  cut.proxy.blackHole('none');
  await world.until(() => (logged(cut, 'election.lost', { leader: 's2' }) ? true : null));
  t.is(cut.scheduler.epoch, null);
  await world.until(async () => ((await world.zk.exists('/schedulers/s1')) === null ? null : true));
  t.deepEqual(await world.leader(), second);
});

test('a leader process that was stopped past its session writes nothing when it continues, and follows', async (t) => {
  const world = await World.create(t);
  const ghost = world.process('ghost');
  await world.until(() => (logged(ghost, 'term.began') ? true : null));
  const worker = await world.worker('w1', { hold: true });
  const batch = await world.submitter.submit(4);
  await worker.until(() => (worker.tasks().length === 4 ? true : null));
  ghost.process.kill('SIGSTOP');
  const next = await world.scheduler('s2');
  await world.until(() => (logged(next, 'term.began') ? true : null));
  await worker.release();
  t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 4);
  const { id, epoch } = await world.leader();
  ghost.process.kill('SIGCONT');
  await world.until(() => (logged(ghost, 'election.lost', { leader: 's2' }) ? true : null));
  t.true(logged(ghost, 'term.ended', { epoch: 1 }));
  t.deepEqual(await world.leader(), { ...(await world.leader()), id, epoch });
  t.is((await world.json<{ epoch: number }>('/epoch'))?.epoch, epoch);
});

test('a scheduler whose name another session holds says whose, and leads all the same', async (t) => {
  const world = await World.create(t);
  await world.zk.create('/schedulers/s1', 'theirs', { mode: 'ephemeral' });
  const scheduler = await world.scheduler('s1');
  await world.until(() => (logged(scheduler, 'registration.taken') ? true : null));
  const owner = `0x${BigInt.asUintN(64, world.zk.sessionId).toString(16)}`;
  t.true(logged(scheduler, 'registration.taken', { path: '/schedulers/s1', owner }));
  t.is((await world.leader()).id, 's1');
});

test('a leader whose epoch has passed says which of its writes ZooKeeper rejected', async (t) => {
  const world = await World.create(t);
  const deposed = await world.scheduler('s1');
  const { epoch } = await world.leader();
  await world.until(() => (logged(deposed, 'term.began') ? true : null));
  await world.zk.set('/epoch', (await world.zk.get('/epoch')).data);
  await world.worker('w1');
  await world.submitter.submit(1);
  await world.until(() => (logged(deposed, 'fence.rejected') ? true : null));
  t.true(logged(deposed, 'fence.rejected', { epoch }));
  await world.until(() => (logged(deposed, 'term.ended', { epoch, reason: 'fenced' }) ? true : null));
  t.pass();
});
