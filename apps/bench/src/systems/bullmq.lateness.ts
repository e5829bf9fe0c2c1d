import { Worker } from 'bullmq';
import { childReady, childSettings } from '../child.js';
import { logLate } from './late-log.js';

/** A worker of BullMQ that writes how late each job of a job scheduler begins; its id names its time. */
const { port, queue, file } = childSettings<{ port: number; queue: string; file: string }>();
const worker = new Worker(
  queue,
  (job) => {
    const { id = '' } = job;
    logLate(file, id, Date.now() - Number(id.split(':').at(-1)));
    return Promise.resolve();
  },
  { connection: { host: '127.0.0.1', port }, concurrency: 500 },
);
await worker.waitUntilReady();
childReady();
