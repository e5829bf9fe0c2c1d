import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { codeBlock } from './code-block.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CLI = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

test('the CI script of docs/testing.md runs its tests against a cluster, and leaves nothing', async (t) => {
  // Inside the workspace, where the package drover can be found.
  const cwd = await mkdtemp(join(CLI, '.drover-example-'));
  t.teardown(() => rm(cwd, { recursive: true, force: true, maxRetries: 5 }));
  const document = join(ROOT, 'docs/testing.md');
  for (const name of ['handlers.mjs', 'ci.sh', 'cluster.test.mjs'])
    await writeFile(join(cwd, name), await codeBlock(document, name));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DROVER_|NODE_TEST|FORCE_COLOR)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${ROOT}node_modules/.bin${delimiter}${process.env.PATH ?? ''}`,
  };
  const { stdout } = await run('bash', ['ci.sh'], { cwd, env });
  t.regex(stdout, /# pass 1\n# fail 0|pass 1\n.*fail 0/);
  t.deepEqual(await readdir(join(cwd, '.drover')), []);
});
