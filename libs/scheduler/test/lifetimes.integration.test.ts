import test from 'ava';
import type { Outcome } from '@drover/core';
import { decodeEnds, FEATURES, resultPath } from '@drover/protocol';
import { World, SHORT_MS } from './support/world.js';

/** Ends of all tasks of the batch as the results tell them, in no order. */
async function endsOf(world: World, batch: string): Promise<{ index: number; outcome: Outcome }[]> {
  const names = await world.zk.children(world.pathOf(batch));
  const results = await Promise.all(
    names.map(async (name) => {
      const path = resultPath(batch, name);
      return decodeEnds(path, (await world.zk.get(path)).data).ends;
    }),
  );
  return results.flat();
}

const outcomes = (ends: readonly { outcome: Outcome }[]): Outcome[] => [...new Set(ends.map(({ outcome }) => outcome))];

const understands = [...FEATURES];
/** By then a leader that leads has handed a task to a worker that waits, on a busy machine too. */
const HANDED_OUT_BY_MS = 3_000;

test('tasks of a paused queue expire, each once, although the leader is killed before; none starts after resume', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1', {}, SHORT_MS);
  await world.leader();
  const worker = await world.worker('w1', { understands });
  await world.ask({ kind: 'configure', queue: 'q', settings: { paused: true } });
  const batch = await world.submitter.submit(100, { expiresMs: 3_000 }, 'q', ['expires']);
  await world.kill(first);
  await world.scheduler('s2');
  await world.leader(({ id }) => id === 's2');
  t.like(await world.until(() => world.submitter.finished(batch)), { failed: 100, succeeded: 0, cancelled: 0 });
  await world.ask({ kind: 'configure', queue: 'q', settings: { paused: false } });
  const other = await world.submitter.submit(1, {}, 'q');
  await world.until(() => world.submitter.finished(other));
  t.deepEqual([...worker.begun.keys()], [`${other}.0`]);
  const ends = await endsOf(world, batch);
  t.is(ends.length, 100);
  t.deepEqual(outcomes(ends), ['expired']);
});

test('what was handed out and has not begun expires when the worker hands it back', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { understands, hold: true });
  const batch = await world.submitter.submit(1, { expiresMs: HANDED_OUT_BY_MS }, 'q', ['expires']);
  const held = await worker.next(({ record }) => record.recall === true);
  await worker.report(held, [{ from: 0, to: 1, outcome: 'returned' }]);
  t.like(await world.until(() => world.submitter.finished(batch)), { failed: 1 });
  t.deepEqual(outcomes(await endsOf(world, batch)).sort(), ['expired', 'returned']);
});

test('a task past its deadline is ended at its worker, by force where that does not obey, and not tried again', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', { graceMs: 300 });
  await world.leader();
  const worker = await world.worker('w1', { understands, hold: true });
  const batch = await world.submitter.submit(1, { deadlineMs: HANDED_OUT_BY_MS, maxAttempts: 5 }, 'q', ['deadline']);
  const asked = await worker.next(({ record }) => record.exceeded !== undefined);
  t.deepEqual(asked.record.exceeded, [[0, 1]]);
  t.like(await world.until(() => world.submitter.finished(batch)), { failed: 1 });
  t.deepEqual(await endsOf(world, batch), [{ index: 0, outcome: 'exceeded', line: null }] as never);
});

test('a worker that does not understand what a batch needs is given nothing of it, and it expires there', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const worker = await world.worker('w1');
  const batch = await world.submitter.submit(2, { expiresMs: 300 }, 'q', ['expires']);
  t.like(await world.until(() => world.submitter.finished(batch)), { failed: 2 });
  t.is(worker.begun.size, 0);
});
