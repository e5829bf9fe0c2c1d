import { FAILURES } from '@drover/core';
import { decodeResult, resultPath } from '@drover/protocol';
import test from 'ava';
import type { Assigned } from './fake-leader.js';
import { startWorld, type World } from './start-worker.js';

const handlers = new URL('./fixtures/handlers.js', import.meta.url).href;
const resultName = ({ name }: Assigned): string => `${name.slice(27)}.0`;

async function checkpointIn({ leader }: World, assigned: Assigned): Promise<unknown> {
  const path = resultPath(assigned.batch, resultName(assigned));
  const { header, ends } = decodeResult(path, (await leader.zk.get(path)).data);
  const line = ends[0]?.line ?? null;
  const checkpoint = line !== null && 'error' in line ? line.checkpoint : undefined;
  mustAgree(header.checkpoints !== undefined, checkpoint !== undefined);
  return checkpoint;
}

function mustAgree(isNamed: boolean, isThere: boolean): void {
  if (isNamed !== isThere) throw new Error('the header names exactly the lines that have a checkpoint');
}

test('an attempt that makes room ends as preempted, and the next one goes on where it was', async (t) => {
  const world = await startWorld(t, { handlers });
  const { leader, id, log } = world;
  const batch = await leader.submit([{ type: 'counts', payload: { until: 'aborted' } }]);
  const first = await leader.assign(id, batch, [0]);
  await log.seen('task.log', ({ message }) => message === 'left 3');
  await leader.notify(first, { preempt: [[0, 1]] });
  const [end] = await leader.ends(first);
  t.is(end?.outcome, 'preempted');
  t.like(end?.line, { error: { name: FAILURES.PREEMPTED, retryable: true } });
  t.like(await log.seen('task.log', ({ message }) => message === 'aborted'), { fields: { cause: 'preempted' } });
  t.deepEqual(await checkpointIn(world, first), { at: 3 });
  const second = await leader.assign(id, batch, [0], 2, { checkpoints: [[0, resultName(first)]] });
  t.truthy(await log.seen('task.log', ({ message }) => message === 'begins at 3'));
  await leader.notify(second, { preempt: [[0, 1]], checkpoints: [[0, resultName(first)]] });
  t.is((await leader.end(second)).outcome, 'preempted');
});

test('a failed attempt leaves its checkpoint too, one that was not asked leaves none', async (t) => {
  const world = await startWorld(t, { handlers });
  const { leader, id } = world;
  const failed = await leader.give(id, [{ type: 'counts', payload: { until: 'failed' } }]);
  t.is((await leader.end(failed)).outcome, 'failed');
  t.deepEqual(await checkpointIn(world, failed), { at: 3 });
  const plain = await leader.give(id, [{ type: 'throws' }]);
  t.is((await leader.end(plain)).outcome, 'failed');
  t.is(await checkpointIn(world, plain), undefined);
});

test('tasks that are to make room and have not begun are handed back', async (t) => {
  const { leader, id, log } = await startWorld(t, { capacity: 1 });
  const long = { type: 'sleep', payload: { ms: 600_000 } };
  const assigned = await leader.give(id, [long, long, long]);
  await log.seen('task.started');
  await leader.notify(assigned, { preempt: [[0, 3]], preemptGraceMs: 50 });
  const ends = await leader.ends(assigned);
  t.deepEqual(ends.map(({ outcome }) => outcome), ['preempted', 'returned', 'returned']); // prettier-ignore
});

test('one that does not obey is abandoned after the grace that the leader gives', async (t) => {
  const { leader, id, log } = await startWorld(t, { handlers, graceMs: 600_000 });
  const assigned = await leader.give(id, [{ type: 'forever' }]);
  await log.seen('task.started');
  await leader.notify(assigned, { preempt: [[0, 1]], preemptGraceMs: 20 });
  t.is((await leader.end(assigned)).outcome, 'preempted');
});

test('a checkpoint that is gone, or garbage, leaves nothing', async (t) => {
  const { leader, id, log } = await startWorld(t, { handlers });
  const batch = await leader.submit([{ type: 'counts', payload: { until: 'aborted' } }]);
  await leader.zk.create(resultPath(batch, 'e1-77.0'), 'garbage');
  const checkpoints: [number, string][] = [
    [0, 'e1-76.0'],
    [0, 'e1-77.0'],
  ];
  await leader.assign(id, batch, [0], 2, { checkpoints });
  t.truthy(await log.seen('task.log', ({ message }) => message === 'begins at nothing'));
});

test('a checkpoint is JSON of 64 KiB at most', async (t) => {
  const { leader, id } = await startWorld(t, { handlers });
  const { line } = await leader.end(await leader.give(id, [{ type: 'leaves-nonsense' }]));
  t.deepEqual(line !== null && 'result' in line ? line.result : line, [
    'checkpoint: expected 65536 bytes at most: store more elsewhere, and leave a reference, got "65538 bytes as JSON"',
    true,
    null,
  ]);
});
