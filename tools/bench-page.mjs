/**
 * `npm run bench:page -- RESULTS.json [NAME]`: makes docs/NAME.md (default: benchmarks) and its charts. Builds first, formats
 * last.
 */
import { resolve } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { run, runQuietly, workspaceRoot } from './lib/run.mjs';

const [results, name = 'benchmarks'] = process.argv.slice(2);
process.exitCode = await page();

async function page() {
  if (!(await ensureInstalled())) return 1;
  const built = await runQuietly('nx', ['run-many', '-t', 'build', '-p', '@drover/bench', '--outputStyle=static']);
  if (built !== 0) return built;
  const docs = resolve(workspaceRoot, 'docs');
  const write = resolve(workspaceRoot, 'apps/bench/dist/src/page/write.js');
  const written = await run(process.execPath, [
    write,
    ...(results === undefined ? [] : [resolve(results), docs, name]),
  ]);
  return written === 0 ? runQuietly('prettier', ['--write', resolve(docs, `${name}.md`)]) : written;
}
