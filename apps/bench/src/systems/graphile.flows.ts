import { makeWorkerUtils } from 'graphile-worker';
import type { PostgresServer } from '../services/postgres.js';
import type { FlowSystem } from './flow-system.js';
import { flowsByHand } from './flows-by-hand.js';

/** Chains and joins by hand in graphile-worker, which has no flows. */
export async function graphileFlows({ url }: PostgresServer): Promise<FlowSystem> {
  const utils = await makeWorkerUtils({ connectionString: url });
  await utils.migrate();
  return flowsByHand({
    url,
    worker: { script: 'systems/graphile.flows.worker.js', settings: { url } },
    add: (step) => utils.addJob('step', step),
    close: async () => utils.release(),
  });
}
