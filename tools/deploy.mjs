// Writes deploy/grafana and deploy/prometheus from the tables in tools/lib/deploy and the table of metrics. Build first.
import { mkdir, writeFile } from 'node:fs/promises';
import { grafanaFiles } from './lib/deploy/grafana.mjs';
import { rulesFile } from './lib/deploy/rules.mjs';

const folder = (name) => new URL(`../deploy/${name}/`, import.meta.url);
for (const name of ['grafana', 'prometheus']) await mkdir(folder(name), { recursive: true });
for (const [name, text] of grafanaFiles()) await writeFile(new URL(name, folder('grafana')), text);
await writeFile(new URL('rules.yaml', folder('prometheus')), rulesFile());
