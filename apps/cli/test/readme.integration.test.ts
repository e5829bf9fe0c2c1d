import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testZooKeeper } from '@drover/testing';
import test from 'ava';
import { codeBlock } from './code-block.js';
import { drover, ended, firstDocument, start } from './drover.js';

const CLI = fileURLToPath(new URL('../../', import.meta.url));
const README = fileURLToPath(new URL('../../../../README.md', import.meta.url));

test('the examples of the README work as written', async (t) => {
  const zk = await testZooKeeper(t);
  // Inside the workspace, where @drover/client can be found.
  const cwd = await mkdtemp(join(CLI, '.drover-readme-'));
  t.teardown(() => rm(cwd, { recursive: true, force: true, maxRetries: 5 }));
  for (const name of ['handlers.mjs', 'submit.mjs']) await writeFile(join(cwd, name), await codeBlock(README, name));
  const args = ['dev', '--json', '--schedulers', '1', '--workers', '1', '--handlers', './handlers.mjs'];
  const dev = start([...args, '--zk', zk.connect], { cwd });
  const over = ended(dev);
  t.teardown(async () => {
    dev.kill('SIGTERM');
    await over;
  });
  const { zk: connect } = (await firstDocument(dev)) as { zk: string };

  const script = spawn(process.execPath, ['submit.mjs'], { cwd, env: { ...process.env, DROVER_ZK: connect } });
  const { code, stdout, stderr } = await ended(script);
  t.is(stderr, '');
  t.is(stdout, 'Hello, Ada! This is attempt 1.\nfibonacci(100) succeeded: 354224848179261915075\n');
  t.is(code, 0);

  const echoed = await drover(['submit', 'echo', '--payload', '{"hello":"world"}', '--wait'], {
    env: { DROVER_ZK: connect },
  });
  t.is(echoed.code, 0);
  t.regex(echoed.stdout, /succeeded\n\{\n {2}"hello": "world"\n\}/);
});
