import { makeWorkerUtils } from 'graphile-worker';
import { Child } from '../child.js';
import type { PostgresServer } from '../services/postgres.js';
import { payload, Tally, type Contender, type System } from '../system.js';
import { ResultReader } from './result-table.js';

const CHUNK = 1_000;
const AHEAD = 4;

/** graphile-worker as its page on performance sets it: local queue of 500, batched completion, 24 jobs at a time. */
export function graphileWorker(postgres: PostgresServer): Contender {
  return {
    name: 'graphile-worker (local queue)',
    durability: 'fsync per commit',
    bulkTasks: { quick: 10_000, full: 100_000 },
    open: () => open(postgres.url),
  };
}

async function open(url: string): Promise<System> {
  const utils = await makeWorkerUtils({ connectionString: url });
  await utils.migrate();
  const results = await ResultReader.open(url);
  const worker = await Child.start('systems/graphile.worker.js', { url });
  const expect = (count: number): Tally => {
    const tally = new Tally(count);
    results.onResult = (i) => {
      tally.result(i);
    };
    return tally;
  };
  return {
    async bulk(count) {
      const tally = expect(count);
      let next = 0;
      const submitter = async (): Promise<void> => {
        while (next < count) {
          const from = next;
          next = Math.min(count, from + CHUNK);
          await utils.addJobs(
            Array.from({ length: next - from }, (_, k) => ({ identifier: 'task', payload: payload(from + k) })),
          );
        }
      };
      await Promise.all(Array.from({ length: AHEAD }, submitter));
      await tally.done;
    },
    async single() {
      const tally = expect(1);
      await utils.addJob('task', payload(0));
      await tally.done;
    },
    async close() {
      await worker.stop();
      await results.close();
      await utils.release();
    },
  };
}
