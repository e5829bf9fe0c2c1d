import test from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents } from './drover.js';

test('drover scale says how many workers there should be, takes what comes, and says why there is no advice', async (t) => {
  const { run } = await clusterHere(t);
  const refused = await run(['scale', 'batch']);
  t.not(refused.code, 0);
  t.regex(refused.stderr, /there is no pool 'batch'/);
  await run(['pool', 'set', 'batch', '--min', '3']);
  t.regex((await run(['scale', 'batch'])).stderr, /has no template, so there is no advice/);
  await run(['pool', 'set', 'batch', '--template', 'slots=4']);
  const told = async (...args: string[]): Promise<Record<string, unknown> | undefined> => {
    const { code, stdout } = await run(['scale', 'batch', '--json', ...args]);
    return code === 0 ? documents(stdout)[0] : undefined;
  };
  // The leader looks right after the change, in slices between other work.
  let advice = await told();
  while (advice === undefined) advice = await told();
  t.like(advice, { pool: 'batch', wanted: 3, have: 0, coming: 3, remove: [] });
  t.like(await told('--coming', '1'), { coming: 1 });
  t.regex((await run(['scale', 'batch'])).stdout, /^pool batch: 3 wanted, 0 there, 1 coming\n/);
  t.regex((await run(['scale', 'batch', '--coming', 'some'])).stderr, /--coming: expected a whole number of workers/);
});
