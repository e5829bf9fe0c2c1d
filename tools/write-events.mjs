// Writes docs/events.md and docs/metrics.md from the tables of events and metrics. Build first.
import { writeFile } from 'node:fs/promises';
import { eventsDocument, metricsDocument } from '../libs/observability/dist/src/index.js';

await writeFile(new URL('../docs/events.md', import.meta.url), eventsDocument());
await writeFile(new URL('../docs/metrics.md', import.meta.url), metricsDocument());
