import PgBoss from 'pg-boss';
import type { PostgresServer } from '../services/postgres.js';
import type { Contender, System } from '../system.js';
import { openInPostgres } from './queue-in-postgres.js';

export const QUEUE = 'bench';

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
  return openInPostgres({
    url,
    worker: { script: 'systems/pg-boss.worker.js', settings: { url, queue: QUEUE } },
    addMany: (payloads) => boss.insert(payloads.map((data) => ({ name: QUEUE, data }))),
    add: (payload) => boss.send(QUEUE, payload),
    close: () => boss.stop({ graceful: false }),
  });
}
