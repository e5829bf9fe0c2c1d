/** `npm run chaos`: installs what is missing, builds, and runs Drover under faults. `-- --help` says what it takes. */
import { join } from 'node:path';
import { buildAll } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { run, workspaceRoot } from './lib/run.mjs';

requireNode();
process.exitCode = await chaos();

async function chaos() {
  if (!(await ensureInstalled())) return 1;
  console.error('Building');
  if (!(await buildAll())) return 1;
  return run(process.execPath, [join(workspaceRoot, 'apps/chaos/dist/src/main.js'), ...process.argv.slice(2)]);
}
