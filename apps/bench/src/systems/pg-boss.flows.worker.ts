import PgBoss from 'pg-boss';
import { childReady, childSettings } from '../child.js';
import { handWorker, type HandStep } from './flows-by-hand.js';

/** As in the worker of plain tasks. */
const BATCH = 2_000;
const WORKERS = 4;

const { url, queue } = childSettings<{ url: string; queue: string }>();
const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
await boss.start();
const work = await handWorker(url, (steps) => boss.insert(steps.map((data) => ({ name: queue, data }))));
for (let n = 0; n < WORKERS; n++) {
  await boss.work<HandStep>(queue, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    await Promise.all(jobs.map((job) => work(job.data)));
  });
}
childReady();
