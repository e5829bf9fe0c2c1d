import { Worker } from 'bullmq';
import { childReady, childSettings } from '../child.js';
import type { Payload } from '../system.js';

const { port, queue, concurrency } = childSettings<{ port: number; queue: string; concurrency: number }>();
const worker = new Worker<Payload, number>(queue, (job) => Promise.resolve(job.data.i), {
  connection: { host: '127.0.0.1', port },
  concurrency,
});
await worker.waitUntilReady();
childReady();
