import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { codeBlock } from './code-block.js';
import { ended, firstDocument, start, type Ended } from './drover.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CLI = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs the example of a document (relative to the repository) as written: `drover dev` with its `handlers.mjs`, and
 * `script` beside it, which may import `modules` of the document. `drover dev` runs on until the test ends.
 */
export async function runExample(
  t: Teardown,
  document: string,
  script: string,
  modules: readonly string[] = [],
): Promise<{ cwd: string; connect: string; ran: Ended }> {
  const zk = await testZooKeeper(t);
  // Inside the workspace, where @drover/client can be found.
  const cwd = await mkdtemp(join(CLI, '.drover-example-'));
  t.teardown(() => rm(cwd, { recursive: true, force: true, maxRetries: 5 }));
  for (const name of ['handlers.mjs', ...modules, script])
    await writeFile(join(cwd, name), await codeBlock(join(ROOT, document), name));
  const args = ['dev', '--json', '--schedulers', '1', '--workers', '1', '--handlers', './handlers.mjs'];
  const dev = start([...args, '--zk', zk.connect], { cwd });
  const over = ended(dev);
  t.teardown(async () => {
    dev.kill('SIGTERM');
    await over;
  });
  const { zk: connect } = (await firstDocument(dev)) as { zk: string };
  const ran = await ended(spawn(process.execPath, [script], { cwd, env: { ...process.env, DROVER_ZK: connect } }));
  return { cwd, connect, ran };
}
