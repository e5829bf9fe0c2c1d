import { assignmentName } from '@drover/protocol';
import test from 'ava';
import { logged, World } from './support/world.js';

const KEPT = 1_500;

test('a new leader hands out unfinished tasks before it has read what is only kept', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  await world.submitter.submitMany(
    Array.from({ length: KEPT }, () => ({ queue: 'done', types: ['noop'] })),
    true,
  );
  const pending = await world.submitter.submit(1);
  await world.until(async () => ((await advice(world)).includes(pending.slice(0, 8)) ? true : null));
  await first.scheduler.stop();
  const worker = await world.worker('w1', { hold: true });
  const second = await world.scheduler('s2');
  await worker.next();
  const assigned = await world.zk.exists(`/assignments/${worker.id}/${assignmentName(pending, { epoch: 2, n: 1 })}`);
  await world.until(() => (logged(second, 'term.loaded', { batches: KEPT + 1 }) ? true : null));
  // The leader writes /intake, once a term, when it has read everything.
  const read = await world.until(async () => {
    const { stat } = await world.zk.get('/intake');
    return stat.version > 0 ? stat.mzxid : null;
  });
  t.true((assigned?.czxid ?? read) < read);
});

async function advice(world: World): Promise<string> {
  const status = await world.json<{ unfinishedIds: unknown }>('/status');
  return JSON.stringify(status?.unfinishedIds ?? []);
}
