import { FAILURES, type TaskOptions } from '@drover/core';
import { decodeResult, resultPath } from '@drover/protocol';
import test from 'ava';
import { World } from './support/world.js';

const NEEDS = ['after'];
const UNREAD = '01JD3V8R2MZ6K4Q7T9XBYC5HNB';
const NOWHERE = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';

test('whoever leads: a task goes out when what it is to run after has ended, and what is not there fails it', async (t) => {
  const world = await World.create(t);
  const submit = (after: string[], more: Partial<TaskOptions> = {}): Promise<string> =>
    world.submitter.submit(2, { after, ...more }, 'default', NEEDS);
  const first = await world.scheduler('s1');
  await world.leader();
  const worker = await world.worker('w1', { hold: true, understands: NEEDS });
  const one = await world.submitter.submit(1);
  const two = await world.submitter.submit(1, { maxAttempts: 1 });
  const heldOne = await worker.next(({ record }) => record.batch === one);
  const heldTwo = await worker.next(({ record }) => record.batch === two);
  const both = await submit([`${one}.0`, `${two}.0`]);
  const ended = await submit([`${two}.0`], { afterMode: 'ended' });
  const late = await submit([`${both}.1`]);
  // A batch of a later release: nobody knows how its tasks have ended.
  await world.zk.create(world.pathOf(UNREAD), '{"v":2,"needs":["one-day"],"queue":"default","count":1}\nnull');
  const patient = await submit([`${UNREAD}.0`]);
  await worker.succeed(heldOne);
  await world.scheduler('s2');
  await world.kill(first);
  await world.leader(({ id }) => id === 's2');

  await worker.report(heldTwo, [{ from: 0, to: 1, outcome: 'failed' }]);
  const freed = await worker.next(({ record }) => record.batch === ended);
  for (const [batch, reason] of [
    [both, `dependency ${two}.0 failed`],
    [late, `dependency ${both}.1 was cancelled`],
  ] as const)
    await world.until(async () => ((await endsOf(world, batch))?.reason === reason ? true : null));
  await worker.succeed(freed);
  t.is((await world.until(() => world.submitter.finished(ended))).succeeded, 2);

  const lost = await submit([NOWHERE]);
  const { error } = await world.until(() => endsOf(world, lost));
  t.is(error, FAILURES.DEPENDENCY);
  t.is(worker.begun.get(`${patient}.0`), undefined);
  t.like((await world.ask({ kind: 'why', task: `${patient}.1` })).why, {
    reasons: [{ code: 'waiting-task', left: 1, next: `${UNREAD}.0` }],
  });
});

/** Of its only result. */
async function endsOf(world: World, batch: string): Promise<{ reason?: string | undefined; error?: string } | null> {
  const path = world.pathOf(batch);
  const [name] = (await world.zk.exists(path)) === null ? [] : await world.zk.children(path);
  if (name === undefined) return null;
  const { header, ends } = decodeResult(resultPath(batch, name), (await world.zk.get(resultPath(batch, name))).data);
  const line = ends[0]?.line ?? null;
  return { reason: header.reason, ...(line !== null && 'error' in line ? { error: line.error.name } : {}) };
}
