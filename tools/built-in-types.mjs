// Writes docs/built-in-types.md from the schemas of the built-in types. Build first.
import { writeFile } from 'node:fs/promises';
import { builtInTypesDocument } from '../libs/worker/dist/src/builtin/document.js';

await writeFile(new URL('../docs/built-in-types.md', import.meta.url), builtInTypesDocument());
