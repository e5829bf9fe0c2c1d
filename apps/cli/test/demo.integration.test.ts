import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlainSession, testZooKeeper } from '@drover/testing';
import test from 'ava';
import { documents, drover, testFolder } from './drover.js';

test('the demo proves its point, and leaves neither file nor znode', async (t) => {
  const zk = await testZooKeeper(t);
  const cwd = await testFolder(t);
  await mkdir(join(cwd, 'input'));
  await writeFile(join(cwd, 'input', 'two.txt'), 'one two\nthree\n');
  const args = [
    'demo',
    '--once',
    '--json',
    '--path',
    'input',
    '--schedulers',
    '2',
    '--workers',
    '2',
    '--zk',
    zk.connect,
  ];
  const { code, stdout, stderr } = await drover(args, { cwd });
  t.is(stderr, '');
  const [report] = documents(stdout);
  t.like(report, { ok: true, tasks: 401, succeeded: 401 });
  const { before, after } = report!.takeover as Record<'before' | 'after', { id: string; epoch: number }>;
  t.not(after.id, before.id);
  t.true(after.epoch > before.epoch);
  const flow = report!.flow as { items: number; doneAtKill: number; result: number };
  t.is(flow.items, 300);
  t.true(flow.doneAtKill > 0 && flow.doneAtKill < 300);
  // The number of primes below 15,000,000.
  t.is(flow.result, 970_704);
  t.is(code, 0);
  t.deepEqual(await readdir(join(cwd, '.drover')), []);
  const session = await PlainSession.open(zk.address);
  t.deepEqual(await session.children(zk.chroot), []);
  await session.close();
});
