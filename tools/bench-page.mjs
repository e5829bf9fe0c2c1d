/** `npm run bench:page -- RESULTS.json`: makes docs/benchmarks.md and its charts. Builds first, formats last. */
import { resolve } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { run, runQuietly, workspaceRoot } from './lib/run.mjs';

process.exitCode = await page(process.argv.slice(2).map((file) => resolve(file)));

async function page(files) {
  if (!(await ensureInstalled())) return 1;
  const built = await runQuietly('nx', ['run-many', '-t', 'build', '-p', '@drover/bench', '--outputStyle=static']);
  if (built !== 0) return built;
  const docs = resolve(workspaceRoot, 'docs');
  const write = resolve(workspaceRoot, 'apps/bench/dist/src/page/write.js');
  const written = await run(process.execPath, [write, ...files, docs]);
  return written === 0 ? runQuietly('prettier', ['--write', resolve(docs, 'benchmarks.md')]) : written;
}
