/** `npm run fuzz`: installs what is missing, builds, and gives garbage to all that reads. `-- --help` says what it takes. */
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { run, runQuietly, workspaceRoot } from './lib/run.mjs';

requireNode();
process.exitCode = await fuzz();

async function fuzz() {
  if (!(await ensureInstalled())) return 1;
  console.error('Building');
  const built = await runQuietly('nx', ['run-many', '-t', 'build', '--projects=@drover/fuzz', '--outputStyle=static']);
  if (built !== 0) return built;
  return run(process.execPath, [join(workspaceRoot, 'apps/fuzz/dist/src/main.js'), ...process.argv.slice(2)]);
}
