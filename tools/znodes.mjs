// Writes docs/znodes.md from the tree, the records and the examples of libs/protocol. Build first.
import { writeFile } from 'node:fs/promises';
import { znodesDocument } from '../libs/protocol/dist/src/index.js';

await writeFile(new URL('../docs/znodes.md', import.meta.url), znodesDocument());
