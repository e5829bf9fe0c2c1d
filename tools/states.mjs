// Writes docs/states.md from the table of states of libs/core. Build first.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { statesDocument } from '../libs/core/dist/src/index.js';

const text = await format(statesDocument(), { parser: 'markdown', printWidth: 120 });
await writeFile(new URL('../docs/states.md', import.meta.url), text);
