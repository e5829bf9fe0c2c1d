import PgBoss from 'pg-boss';
import type { PostgresServer } from '../services/postgres.js';
import type { FlowSystem } from './flow-system.js';
import { flowsByHand } from './flows-by-hand.js';

const QUEUE = 'flows';

/** Chains and joins by hand in pg-boss, whose version here has no flows. */
export async function pgBossFlows({ url }: PostgresServer): Promise<FlowSystem> {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(QUEUE);
  return flowsByHand({
    url,
    worker: { script: 'systems/pg-boss.flows.worker.js', settings: { url, queue: QUEUE } },
    add: (step) => boss.send(QUEUE, step),
    close: () => boss.stop({ graceful: false }),
  });
}
