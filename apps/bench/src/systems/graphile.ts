import { makeWorkerUtils } from 'graphile-worker';
import type { PostgresServer } from '../services/postgres.js';
import type { Contender, System } from '../system.js';
import { openInPostgres } from './queue-in-postgres.js';

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
  return openInPostgres({
    url,
    worker: { script: 'systems/graphile.worker.js', settings: { url } },
    addMany: (payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: 'task', payload }))),
    add: (payload) => utils.addJob('task', payload),
    close: async () => utils.release(),
  });
}
