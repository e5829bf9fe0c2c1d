// Writes the tables of task options and of queue settings in libs/client/README.md from the tables of core. Build first.
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { withOptionTables } from './lib/option-tables.mjs';

const file = new URL('../libs/client/README.md', import.meta.url);
const config = await resolveConfig(file);
await writeFile(file, await format(withOptionTables(await readFile(file, 'utf8')), { ...config, parser: 'markdown' }));
