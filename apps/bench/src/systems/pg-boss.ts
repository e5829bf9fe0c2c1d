import PgBoss from 'pg-boss';
import { Child } from '../child.js';
import type { PostgresServer } from '../services/postgres.js';
import { payload, Tally, type Contender, type System } from '../system.js';
import { ResultReader } from './result-table.js';

export const QUEUE = 'bench';
const CHUNK = 1_000;
const AHEAD = 4;

/** pg-boss with `insert` of many jobs and workers that fetch in batches, polling as often as it allows (0.5 s). */
export function pgBoss(postgres: PostgresServer): Contender {
  return {
    name: 'pg-boss',
    durability: 'fsync per commit',
    bulkTasks: { quick: 10_000, full: 50_000 },
    open: () => open(postgres.url),
  };
}

async function open(url: string): Promise<System> {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(QUEUE);
  const results = await ResultReader.open(url);
  const worker = await Child.start('systems/pg-boss.worker.js', { url, queue: QUEUE });
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
          await boss.insert(Array.from({ length: next - from }, (_, k) => ({ name: QUEUE, data: payload(from + k) })));
        }
      };
      await Promise.all(Array.from({ length: AHEAD }, submitter));
      await tally.done;
    },
    async single() {
      const tally = expect(1);
      await boss.send(QUEUE, payload(0));
      await tally.done;
    },
    async close() {
      await worker.stop();
      await results.close();
      await boss.stop({ graceful: false });
    },
  };
}
