import { Worker, type Job } from 'bullmq';
import { childReady, childSettings } from '../child.js';

/** Steps in flows of BullMQ: each reads the results of its children. */
const { port, queue } = childSettings<{ port: number; queue: string }>();
const worker = new Worker<number, number>(queue, run, { connection: { host: '127.0.0.1', port }, concurrency: 500 });
await worker.waitUntilReady();
childReady();

async function run(job: Job<number, number>): Promise<number> {
  if (job.name === 'number') return job.data;
  const values = Object.values(await job.getChildrenValues<number>());
  return values.reduce((sum, value) => sum + value, job.name === 'next' ? 1 : 0);
}
