import { readFile, writeFile } from 'node:fs/promises';
import type { ChaosReport } from '../report/report.js';
import { reliabilityPage } from './page.js';

const [page, ...files] = process.argv.slice(2);
if (page === undefined || files.length === 0) {
  process.stderr.write('usage: npm run chaos:page -- RESULTS.json...\n');
  process.exit(2);
}
const reports = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as ChaosReport));
await writeFile(page, reliabilityPage(reports));
