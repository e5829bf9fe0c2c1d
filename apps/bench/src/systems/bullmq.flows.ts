import { FlowProducer, QueueEvents, type FlowJob } from 'bullmq';
import { Child } from '../child.js';
import type { RedisServer } from '../services/redis.js';
import { expectResult, sumBelow, type FlowSystem } from './flow-system.js';

const QUEUE = 'flows';

/** BullMQ's flows: a parent waits for its children, so the last step of a chain is the root of the tree. */
export async function bullmqFlows({ port }: RedisServer): Promise<FlowSystem> {
  const connection = { host: '127.0.0.1', port };
  const producer = new FlowProducer({ connection });
  const events = new QueueEvents(QUEUE, { connection });
  await Promise.all([producer.waitUntilReady(), events.waitUntilReady()]);
  const worker = await Child.start('systems/bullmq.flows.worker.js', { port, queue: QUEUE });
  const ended = new Map<string, number>();
  let onEnd: (id: string) => void = () => undefined;
  events.on('completed', ({ jobId, returnvalue }) => {
    if (!jobId.startsWith('root-')) return;
    ended.set(jobId, Number(returnvalue));
    onEnd(jobId);
  });
  let roots = 0;
  const run = async (root: FlowJob): Promise<number> => {
    const id = `root-${++roots}`;
    const end = new Promise<void>((resolve) => {
      onEnd = (of) => {
        if (of === id) resolve();
      };
    });
    await producer.add({ ...root, opts: { ...root.opts, jobId: id } });
    await end;
    return ended.get(id) ?? NaN;
  };
  return {
    async chain(steps) {
      let root = jobOf('next', 0);
      for (let n = 1; n < steps; n++) root = { ...jobOf('next', n), children: [root] };
      expectResult('a chain of BullMQ', await run(root), steps);
    },
    async fan(width) {
      const children = Array.from({ length: width }, (_, n) => jobOf('number', n));
      expectResult('a fan of BullMQ', await run({ ...jobOf('add', 0), children }), sumBelow(width));
    },
    async close() {
      await worker.stop();
      await Promise.all([producer.close(), events.close()]);
    },
  };
}

const jobOf = (name: string, n: number): FlowJob => ({
  ...{ name, queueName: QUEUE, data: n },
  opts: { removeOnComplete: true, removeOnFail: true },
});
