/** `npm run words -- 200`: installs what is missing, builds, and counts the words of so many MiB as `sort | uniq -c` does. */
import { join } from 'node:path';
import { buildAll } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { run, workspaceRoot } from './lib/run.mjs';

requireNode();
process.exitCode = await words();

async function words() {
  if (!(await ensureInstalled())) return 1;
  console.error('Building');
  if (!(await buildAll())) return 1;
  return run(process.execPath, [join(workspaceRoot, 'apps/examples/word-count/prove.mjs'), ...process.argv.slice(2)]);
}
