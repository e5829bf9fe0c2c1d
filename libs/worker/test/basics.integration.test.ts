import test from 'ava';
import { startWorld } from './start-worker.js';

test('an assignment that succeeded whole is one result named ok, with its results in order', async (t) => {
  const { leader, id } = await startWorld(t);
  const assigned = await leader.give(id, [{ type: 'noop' }, { type: 'echo', payload: { a: 1 } }, { type: 'noop' }]);
  const ends = await leader.ends(assigned);
  t.deepEqual(
    ends.map(({ index, outcome, line }) => [index, outcome, line !== null && 'result' in line ? line.result : line]),
    [
      [0, 'succeeded', null],
      [1, 'succeeded', { a: 1 }],
      [2, 'succeeded', null],
    ],
  );
  t.deepEqual(
    (await leader.reports(assigned)).map(({ part, worker }) => [part, worker]),
    [['ok', id]],
  );
});

test('what is assigned before the worker listens is found by its listing', async (t) => {
  const { leader, worker, id } = await startWorld(t);
  const many = await Promise.all(Array.from({ length: 20 }, () => leader.give(id, [{ type: 'echo', payload: 7 }])));
  for (const assigned of many) t.is((await leader.end(assigned)).outcome, 'succeeded');
  await worker.stop();
  t.deepEqual(await leader.workers(), []);
});

test('a finished result does not wait for a slow neighbour', async (t) => {
  const { leader, id } = await startWorld(t);
  const assigned = await leader.give(id, [{ type: 'noop' }, { type: 'sleep', payload: { ms: 60_000 } }]);
  const [first] = await leader.until(async () => {
    const reports = await leader.reports(assigned);
    return reports.length > 0 && reports;
  });
  t.deepEqual([first?.part, first?.ends.map((end) => end.index)], ['0', [0]]);
  t.true(await leader.isOut(assigned));
  await leader.notify(assigned, { cancel: [[1, 2]] });
  t.deepEqual(
    (await leader.ends(assigned)).map((end) => end.outcome),
    ['succeeded', 'cancelled'],
  );
});
