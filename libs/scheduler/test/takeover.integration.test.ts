import { assignmentName } from '@drover/protocol';
import test from 'ava';
import { logged, World } from './support/world.js';

const KEPT = 1_500;
const one = (queue: string) => ({ queue, types: ['noop'] });

test('a new leader hands out unfinished tasks before it has read what is only kept', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.submitter.submitMany(Array(KEPT).fill(one('done')), true);
  const pending = await world.submitter.submit(1);
  await world.until(async () => ((await shown(world)).includes(pending.slice(0, 8)) ? true : null));
  await first.scheduler.stop();
  const worker = await world.worker('w1', { hold: true });
  const second = await world.scheduler('s2');
  const { worker: id } = await worker.next();
  const assigned = await world.zk.exists(`/assignments/${id}/${assignmentName(pending, { epoch: 2, n: 1 })}`);
  await world.until(() => (logged(second, 'term.loaded', { batches: KEPT + 1 }) ? true : null));
  // The leader writes /intake when it has read all.
  const intake = await world.until(async () => {
    const stat = await world.zk.exists('/intake');
    return stat !== null && (await world.zk.get('/intake')).stat.mzxid > (assigned?.czxid ?? 0n) ? stat : null;
  });
  t.true((assigned?.czxid ?? 0n) < intake.mzxid);
});

async function shown(world: World): Promise<string> {
  const { data } = await world.zk.get('/status');
  const { unfinishedIds } = JSON.parse(Buffer.from(data).toString()) as { unfinishedIds: unknown };
  return JSON.stringify(unfinishedIds);
}
