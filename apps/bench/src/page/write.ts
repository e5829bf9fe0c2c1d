import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Results } from '../results.js';
import { benchmarkPage } from './page.js';

const [file, docs, name = 'benchmarks'] = process.argv.slice(2);
if (file === undefined || docs === undefined) {
  process.stderr.write('usage: npm run bench:page -- RESULTS.json [NAME]\n');
  process.exit(2);
}
const results = JSON.parse(await readFile(file, 'utf8')) as Results;
const { markdown, charts } = benchmarkPage(results, name);
await mkdir(path.join(docs, name), { recursive: true });
await writeFile(path.join(docs, `${name}.md`), markdown);
for (const [name, svg] of Object.entries(charts)) await writeFile(path.join(docs, name), svg);
