/**
 * `npm start`: installs what is missing, builds, and runs `drover demo`. Arguments are passed on: `npm start -- --once`.
 * Everything that is not the demo's own output goes to stderr.
 */
import { join } from 'node:path';
import { buildAll } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { run, workspaceRoot } from './lib/run.mjs';

requireNode();
process.exitCode = await start();

async function start() {
  if (!(await ensureInstalled())) return 1;
  console.error('Building');
  if (!(await buildAll())) return 1;
  // Ctrl-C reaches the demo too, which is in the foreground with us: it stops in order, and we wait for it.
  process.on('SIGINT', () => {});
  return run(process.execPath, [join(workspaceRoot, 'apps/cli/bin/drover.js'), 'demo', ...process.argv.slice(2)], {
    forward: ['SIGTERM', 'SIGHUP'],
  });
}
