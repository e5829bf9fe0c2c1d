import pg from 'pg';
import PgBoss from 'pg-boss';
import { childReady, childSettings } from '../child.js';
import type { Payload } from '../system.js';
import { ResultWriter } from './result-table.js';

/** Each fetches this many at a time; a worker waits for its polling interval after each batch, so there are several. */
const BATCH = 2_000;
const WORKERS = 4;

const { url, queue } = childSettings<{ url: string; queue: string }>();
const results = new ResultWriter(new pg.Pool({ connectionString: url, max: 4 }));
const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
await boss.start();
for (let n = 0; n < WORKERS; n++) {
  await boss.work<Payload>(queue, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    await Promise.all(jobs.map((job) => results.write(job.data.i)));
  });
}
childReady();
