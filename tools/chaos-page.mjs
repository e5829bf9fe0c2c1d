/** `npm run chaos:page -- RESULTS.json...`: makes docs/reliability.md from one or several runs. Builds first, formats last. */
import { resolve } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { run, runQuietly, workspaceRoot } from './lib/run.mjs';

process.exitCode = await page(process.argv.slice(2).map((file) => resolve(file)));

async function page(files) {
  if (!(await ensureInstalled())) return 1;
  const built = await runQuietly('nx', ['run-many', '-t', 'build', '-p', '@drover/chaos', '--outputStyle=static']);
  if (built !== 0) return built;
  const file = resolve(workspaceRoot, 'docs/reliability.md');
  const write = resolve(workspaceRoot, 'apps/chaos/dist/src/page/write.js');
  const written = await run(process.execPath, [write, file, ...files]);
  return written === 0 ? runQuietly('prettier', ['--write', file]) : written;
}
