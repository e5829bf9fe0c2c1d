import test from 'ava';
import { leaderOf, runAll, startsByTask, work, world } from './world.js';

const SHORT = ['--session-timeout', '2s'];

test('2,000 tasks over two workers: each runs exactly once, every result comes to the submitter', async (t) => {
  const { cluster, drover } = await world(t);
  cluster.scheduler('s1');
  const workers = ['w1', 'w2'].map((name) => cluster.worker(name, '--concurrency', '8'));
  await Promise.all(workers.map((worker) => worker.event('worker.registered')));
  const finished = await runAll(drover, work(2_000, 0));
  t.is(finished.length, 2_000);
  t.true(finished.every((task) => task.state === 'succeeded' && (task.result as { n: number }).n === task.index));
  const effects = await cluster.effects();
  t.is(effects.length, 2_000);
  t.is(startsByTask(effects).size, 2_000);
  t.deepEqual([...new Set(effects.map(({ worker }) => worker))].sort(), ['w1', 'w2']);
});

test('the leader is killed: all tasks succeed, none runs twice, the next leader leads', async (t) => {
  const { cluster, drover } = await world(t);
  const schedulers = ['s1', 's2', 's3'].map((id) => cluster.scheduler(id, ...SHORT));
  const leader = await leaderOf(schedulers);
  const followers = schedulers.filter((scheduler) => scheduler !== leader);
  for (const name of ['w1', 'w2']) cluster.worker(name, '--concurrency', '8', ...SHORT);
  const finished = await runAll(drover, work(600, 20), (ended) => {
    if (ended === 150) leader.signal('SIGKILL');
  });
  t.true(finished.every(({ state, attempt }) => state === 'succeeded' && attempt === 1));
  t.is(finished.length, 600);
  t.is((await cluster.effects()).length, 600, 'a change of leader moves nothing');
  const next = await leaderOf(followers);
  const began = await next.event('term.began');
  t.true(Number(began.epoch) >= 2);
});

test('a worker is killed: only what it held runs again, with greater fencing tokens', async (t) => {
  const { cluster, drover } = await world(t);
  cluster.scheduler('s1', ...SHORT);
  const victim = cluster.worker('w1', '--concurrency', '8', ...SHORT);
  cluster.worker('w2', '--concurrency', '8', ...SHORT);
  const finished = await runAll(drover, work(600, 20), (ended) => {
    if (ended === 150) victim.signal('SIGKILL');
  });
  t.is(finished.length, 600);
  t.true(finished.every(({ state }) => state === 'succeeded'));
  const starts = startsByTask(await cluster.effects());
  t.is(starts.size, 600);
  for (const effects of starts.values()) {
    if (effects.length === 1) continue;
    const [first, second] = effects;
    t.is(effects.length, 2);
    t.deepEqual([first?.worker, second?.worker], ['w1', 'w2']);
    t.true(BigInt(second?.token ?? 0) > BigInt(first?.token ?? 0));
    t.is(second?.attempt, 2);
  }
});

test('leader and worker are killed together: all tasks succeed', async (t) => {
  const { cluster, drover } = await world(t);
  const schedulers = ['s1', 's2', 's3'].map((id) => cluster.scheduler(id, ...SHORT));
  const leader = await leaderOf(schedulers);
  const victim = cluster.worker('w1', '--concurrency', '8', ...SHORT);
  cluster.worker('w2', '--concurrency', '8', ...SHORT);
  const finished = await runAll(drover, work(600, 20), (ended) => {
    if (ended !== 150) return;
    leader.signal('SIGKILL');
    victim.signal('SIGKILL');
  });
  t.is(finished.length, 600);
  t.true(finished.every(({ state }) => state === 'succeeded'));
  const again = [...startsByTask(await cluster.effects()).values()].filter((effects) => effects.length > 1);
  t.true(again.every(([first]) => first?.worker === 'w1'));
});

test('a worker paused past its session is a zombie: its results are refused, it comes back and gets work', async (t) => {
  const { cluster, drover } = await world(t);
  cluster.scheduler('s1', ...SHORT);
  const zombie = cluster.worker('w1', '--concurrency', '4', ...SHORT);
  await zombie.event('worker.registered');
  const submitted = await Promise.all([...work(4, 1_500)].map(({ type, payload }) => drover.submit(type, payload)));
  await cluster.effectsReach(4);
  zombie.signal('SIGSTOP');
  cluster.worker('w2', '--concurrency', '4', ...SHORT);
  const results = (await Promise.all(submitted.map((task) => task.result()))) as { worker: string }[];
  t.true(results.every(({ worker }) => worker === 'w2'));
  const since = zombie.lines.length;
  zombie.signal('SIGCONT');
  await zombie.event('worker.registered', since);
  for (const task of submitted) {
    const { history } = await task.status();
    t.deepEqual(
      history.map(({ outcome }) => outcome),
      ['lost', 'succeeded'],
    );
  }
  cluster.member('w2').signal('SIGSTOP');
  const after = await drover.submit('work', { n: 99, ms: 0 });
  t.like(await after.result(), { worker: 'w1' });
});

test('a leader paused past its session is a ghost: it writes nothing more and comes back as a follower', async (t) => {
  const { cluster, drover } = await world(t);
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, ...SHORT));
  const ghost = await leaderOf(schedulers);
  const [other] = schedulers.filter((scheduler) => scheduler !== ghost);
  cluster.worker('w1', '--concurrency', '8', ...SHORT);
  await runAll(drover, work(50, 0));
  ghost.signal('SIGSTOP');
  await other?.event('term.began');
  const finished = runAll(drover, work(400, 10), (ended) => {
    if (ended === 50) ghost.signal('SIGCONT');
  });
  t.true((await finished).every(({ state, attempt }) => state === 'succeeded' && attempt === 1));
  await ghost.event('term.ended');
  t.is((await cluster.effects()).length, 450);
  const { leader, schedulers: seen } = await drover.status();
  t.is(leader?.id, other?.name);
  await ghost.event('session.connected', 1, (line) => Number(line.incarnation) > 1);
  t.true(seen.length >= 1);
});

test('a leader that is stopped in order hands over long before its session would have expired', async (t) => {
  const { cluster } = await world(t);
  const long = ['--session-timeout', '20s'];
  const schedulers = ['s1', 's2', 's3'].map((id) => cluster.scheduler(id, ...long));
  const leader = await leaderOf(schedulers);
  await Promise.all(schedulers.filter((s) => s !== leader).map((s) => s.event('election.lost')));
  const handover = leaderOf(schedulers.filter((scheduler) => scheduler !== leader));
  await leader.end('SIGTERM');
  const first = await Promise.race([handover.then(() => 'handed over'), cluster.sessionTimeout(20_000)]);
  t.is(first, 'handed over');
});
