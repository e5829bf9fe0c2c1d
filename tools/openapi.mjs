// Writes docs/openapi.json from the table of routes of libs/api. Build first.
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { openApiOf } from '../apps/api/dist/src/server/openapi.js';
import { ROUTES } from '../libs/api/dist/src/index.js';

const text = await format(JSON.stringify(openApiOf(ROUTES, '0.1.0')), { parser: 'json', printWidth: 120 });
await writeFile(new URL('../docs/openapi.json', import.meta.url), text);
