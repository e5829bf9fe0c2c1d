// Writes docs/events.md from the tables of events and metrics. Build first.
import { writeFile } from 'node:fs/promises';
import { eventsDocument } from '../libs/observability/dist/src/index.js';

await writeFile(new URL('../docs/events.md', import.meta.url), eventsDocument());
