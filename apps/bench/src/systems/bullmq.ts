import { Queue, QueueEvents } from 'bullmq';
import { Child } from '../child.js';
import type { RedisServer } from '../services/redis.js';
import { payload, Tally, type Contender, type System } from '../system.js';

const QUEUE = 'bench';
const CHUNK = 1_000;
const AHEAD = 8;

/** BullMQ with what its documentation recommends for speed: `addBulk`, high worker concurrency, jobs removed at once. */
export function bullmq(redis: RedisServer, durability: string): Contender {
  return {
    name: `BullMQ (${durability})`,
    durability,
    bulkTasks: { quick: 10_000, full: 50_000 },
    open: () => open(redis.port),
  };
}

async function open(port: number): Promise<System> {
  const connection = { host: '127.0.0.1', port };
  const queue = new Queue(QUEUE, {
    connection,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    // The results come with the events: none may be trimmed before they are read.
    streams: { events: { maxLen: 1_000_000 } },
  });
  const events = new QueueEvents(QUEUE, { connection });
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  const worker = await Child.start('systems/bullmq.worker.js', { port, queue: QUEUE, concurrency: 500 });
  let onResult: (i: number) => void = () => undefined;
  events.on('completed', ({ returnvalue }) => {
    onResult(Number(returnvalue));
  });
  return {
    async bulk(count) {
      const tally = new Tally(count);
      onResult = (i) => {
        tally.result(i);
      };
      let next = 0;
      const submitter = async (): Promise<void> => {
        while (next < count) {
          const from = next;
          next = Math.min(count, from + CHUNK);
          const jobs = Array.from({ length: next - from }, (_, k) => ({ name: 'task', data: payload(from + k) }));
          await queue.addBulk(jobs);
        }
      };
      await Promise.all(Array.from({ length: AHEAD }, submitter));
      await tally.done;
    },
    async single() {
      const tally = new Tally(1);
      onResult = (i) => {
        tally.result(i);
      };
      await queue.add('task', payload(0));
      await tally.done;
    },
    async close() {
      await worker.stop();
      await Promise.all([queue.close(), events.close()]);
    },
  };
}
