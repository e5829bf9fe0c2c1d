import { TaskCancelledError, type TaskChange } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

let isBroken = true;
const ran: string[] = [];
const handlers = {
  note: (text: string): string => {
    ran.push(text);
    return text;
  },
  mend: (): string => {
    if (isBroken) throw new Error('broken');
    return 'mended';
  },
};

test('tasks that wait are due at another time, or go on in another queue; result() follows', async (t) => {
  const { drover, clock, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const later = await drover.submit('note', 'later', { delay: '1h' });
  const soon = await drover.submit('note', 'soon', { delay: '1h' });
  const [reply] = await drover.setTasks(
    [later.id],
    { at: new Date(clock.now + 7_200_000) },
    { by: 'ada', reason: 'busy' },
  );
  t.like(reply, { ok: true, state: 'scheduled' });
  const view = await drover.get(later.id);
  t.like(view, {
    state: 'scheduled',
    attempt: 0,
    dueAt: clock.now + 7_200_000,
    history: [{ by: 'ada', reason: 'busy' }],
  });
  t.like(await drover.setTasks([soon.id], { now: true }), [{ ok: true }]);
  t.is(await soon.result(), 'soon');
  await clock.advance('61m');
  t.is((await drover.get(later.id)).state, 'scheduled', 'its own delay does not count any more');
  await clock.advance('60m');
  t.is(await later.result(), 'later');
  t.like(await drover.setTasks([later.id], { now: true }), [{ ok: false, state: 'succeeded' }]);

  await drover.pauseQueue('slow');
  const stuck = await drover.submit('note', 'moved', { queue: 'slow' });
  const result = stuck.result();
  const [moved] = await drover.setTasks([stuck.id], { queue: 'fast', priority: 3 });
  t.is(await result, 'moved');
  t.like(await drover.get(moved?.moved ?? ''), { state: 'succeeded', queue: 'fast', priority: 3 });
  t.like(await drover.get(stuck.id), { state: 'cancelled', supersededBy: moved?.moved });
  await t.throwsAsync(stuck.result({ follow: false }), { instanceOf: TaskCancelledError });
  const wrongs: TaskChange[] = [
    ...[{}, { priority: 10 }, { queue: 'a b' }, { at: new Date('x') }],
    { now: true, delay: '1s' },
  ];
  for (const wrong of wrongs) await t.throwsAsync(drover.setTasks([stuck.id], wrong), { name: 'InvalidArgumentError' });
  await settle();
  t.deepEqual(ran, ['soon', 'later', 'moved'], 'each once');
});

test('dead letters run again in another queue, and the result of the old task is that of the new one', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const task = await drover.submit('mend', null, { maxAttempts: 1, queue: 'mail' });
  await t.throwsAsync(task.result(), { message: /broken/ });
  isBroken = false;
  t.like(await drover.dead.redrive({ filter: 'queue:mail', toQueue: 'slow' }), { found: 1, redriven: 1, refused: [] });
  t.is(await task.result(), 'mended');
  t.like(await drover.dead.redrive({ filter: 'queue:mail', toQueue: 'slow' }), { found: 0 });
  const { supersededBy = '', history } = await drover.get(task.id);
  t.deepEqual(
    history.map(({ outcome }) => outcome),
    ['failed', 'requeued', 'superseded'],
  );
  t.like(await drover.get(supersededBy), { state: 'succeeded', queue: 'slow', attempt: 1 });
  await settle();
});
