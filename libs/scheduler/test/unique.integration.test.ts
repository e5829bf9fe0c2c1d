import type { UniquePolicy } from '@drover/core';
import { decodeResult, keyPath, resultPath } from '@drover/protocol';
import test from 'ava';
import type { FakeWorker } from './support/fake-worker.js';
import { World } from './support/world.js';

const NEEDS = ['unique'];
const WORKER = { hold: true, understands: NEEDS };

const policy = (mode: UniquePolicy['mode'], given: Partial<UniquePolicy> = {}): UniquePolicy => ({
  ...{ key: 'k', mode, forMs: null, everyMs: null, trailing: true, quietMs: null, maxMs: null },
  ...given,
});
const submit = (world: World, unique: UniquePolicy): Promise<string> =>
  world.submitter.submit(
    1,
    { unique, retry: { kind: 'constant', delayMs: 1, maxDelayMs: 1, jitter: 0 } },
    'default',
    NEEDS,
  );
const began = ({ begun }: FakeWorker): string[] => [...begun.keys()];

/** The task that ran in the place of the batch's only one, followed to the end. */
async function runOf(world: World, batch: string): Promise<string> {
  for (const name of await world.zk.children(world.pathOf(batch))) {
    const path = resultPath(batch, name);
    const { ends } = decodeResult(path, (await world.zk.get(path)).data);
    for (const { line } of ends)
      if (line !== null && 'winner' in line) return runOf(world, line.winner.split('.')[0] ?? '');
  }
  return batch;
}

const submits = async (world: World, unique: UniquePolicy, count: number): Promise<string[]> => {
  const batches: string[] = [];
  for (let n = 0; n < count; n++) batches.push(await submit(world, unique));
  return batches;
};

for (const failures of [0, 2])
  test(`once more: whatever is submitted while a task of the key runs, one run follows (${failures} failures, two leaders)`, async (t) => {
    const world = await World.create(t);
    const dying = await world.scheduler('s1');
    await world.leader();
    const worker = await world.worker('w1', WORKER);
    const [first = ''] = await submits(world, policy('last'), 1);
    await worker.next(({ record }) => record.batch === first);
    const before = await submits(world, policy('last'), 25);
    await world.scheduler('s2');
    await world.kill(dying);
    const after = await submits(world, policy('last'), 25);
    await world.leader(({ id }) => id === 's2');
    const newest = after.at(-1) ?? '';
    for (let attempt = 1; attempt <= failures; attempt++) {
      const held = await worker.next(({ record }) => record.attempt === attempt);
      await worker.report(held, [{ from: 0, to: 1, outcome: 'failed', retryAfterMs: 1 }]);
    }
    const last = await worker.next(({ record }) => record.attempt === failures + 1);
    t.is(last.record.batch, first);
    t.deepEqual(began(worker), [`${first}.0`], 'nothing of the key runs beside it');
    const losers = [...before, ...after].filter((batch) => batch !== newest);
    for (const batch of losers) t.is((await world.until(() => world.submitter.finished(batch))).cancelled, 1);
    await worker.succeed(last);
    const next = await worker.next();
    t.is(next.record.batch, newest);
    await worker.succeed(next);
    t.is((await world.until(() => world.submitter.finished(newest))).succeeded, 1);
    t.deepEqual(began(worker), [`${first}.0`, `${newest}.0`]);
    for (const batch of losers) t.is(await runOf(world, batch), newest);
    // Once more: its assignment is younger than every submit.
    t.is(worker.held.size, 0);
  });

test('cancel: the running task is asked to end for the newest one, also after the leader has died', async (t) => {
  const world = await World.create(t);
  const dying = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', WORKER);
  const first = await submit(world, policy('cancel'));
  await worker.next(({ record }) => record.batch === first);
  const second = await submit(world, policy('cancel'));
  const asked = await worker.next(({ record }) => record.superseded !== undefined);
  t.deepEqual(asked.record.superseded, [[0, `${second}.0`]]);
  await world.scheduler('s2');
  await world.kill(dying);
  await world.leader(({ id }) => id === 's2');
  // The worker does not know who won here: the leader says it where the worker hands back.
  await worker.report(asked, [{ from: 0, to: 1, outcome: 'returned' }]);
  t.is((await world.until(() => world.submitter.finished(first))).cancelled, 1);
  t.is(await runOf(world, first), second);
  t.is((await worker.next()).record.batch, second);
});

test('throttle: a window outlives its task and its leader, and the newest submit runs when it is over', async (t) => {
  const world = await World.create(t);
  const dying = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', WORKER);
  const unique = policy('throttle', { everyMs: 2_000 });
  const first = await submit(world, unique);
  const held = await worker.next();
  await worker.succeed(held);
  await world.until(() => world.submitter.finished(first));
  await world.scheduler('s2');
  await world.kill(dying);
  const rest = await submits(world, unique, 20);
  const next = await worker.next();
  t.is(next.record.batch, rest.at(-1) ?? '');
  t.true(next.record.at - held.record.at >= 2_000, `${next.record.at - held.record.at} ms`);
  await worker.succeed(next);
  for (const batch of rest) await world.until(() => world.submitter.finished(batch));
  t.is(worker.begun.size, 2);
});

test('first with for: the key is held for so long after the end, whoever leads then', async (t) => {
  const world = await World.create(t);
  const dying = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { ...WORKER, hold: false });
  const unique = policy('first', { forMs: 1_500 });
  const batch = await world.submitter.submit(1, { key: 'k', unique }, 'default', NEEDS);
  const { at } = await world.until(() => world.submitter.finished(batch));
  t.truthy(await world.zk.exists(keyPath('default', 'k')));
  await world.scheduler('s2');
  await world.kill(dying);
  await world.until(async () => ((await world.zk.exists(keyPath('default', 'k'))) === null ? true : null));
  const probe = await world.submitter.submit(1);
  const { ctime } = (await world.zk.get(world.pathOf(probe))).stat;
  t.true(ctime - at >= 1_400, `let go after ${ctime - at} ms`);
  t.is(worker.begun.get(`${batch}.0`), 1);
});

test('first and the other modes do not mix on one key: the later task fails as KeyModeError', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', WORKER);
  const first = await world.submitter.submit(1, { key: 'k' });
  await worker.next();
  const last = await submit(world, policy('last'));
  t.is((await world.until(() => world.submitter.finished(last))).failed, 1);
  const [name = ''] = await world.zk.children(world.pathOf(last));
  const path = resultPath(last, name);
  const [end] = decodeResult(path, (await world.zk.get(path)).data).ends;
  t.like(end, { outcome: 'refused', line: { error: { name: 'KeyModeError', retryable: false } } });
  t.regex(JSON.stringify(end?.line), new RegExp(`in use by task ${first}\\.0`));
});
