import { flow } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const handlers = {
  list: () => [1, 2, 3],
  double: (n: number) => n * 2,
  sum: ({ results }: { results: number[] }) => results.reduce((sum, each) => sum + each, 0),
  publish: ({ sum }: { sum: number }) => sum + 1,
};

const report = flow('report', (f) => {
  const doubled = f.map('double', 'double', f.step('list', 'list').items);
  const sum = f.reduce('sum', 'sum', doubled, { arity: 2 });
  const pause = f.sleep('pause', '2d', { after: sum });
  const human = f.approve('ok?', { after: pause });
  return f.step('publish', 'publish', { sum }, { after: human.yes }).result;
});

test('a flow sleeps for two days of the clock, waits for an approval, and ends', async (t) => {
  const { drover, clock, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const run = await drover.start(report);
  await settle();
  t.is((await run.tree()).steps.pause?.state, 'running');
  await clock.advance('47h');
  t.is((await run.tree()).steps.pause?.state, 'running');
  await clock.advance('2h');
  t.is((await run.tree()).steps['ok?']?.state, 'running');
  await run.approve('ok?', { by: 'Ada' });
  t.is(await run.result(), 13);
});
