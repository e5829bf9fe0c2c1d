import { Child } from '../child.js';
import { attempt, type Run } from '../part.js';
import { startPostgres } from '../services/postgres.js';
import { startRedis } from '../services/redis.js';
import { bullmqFlows } from '../systems/bullmq.flows.js';
import { compareFlows, type FlowSystem } from '../systems/flow-system.js';
import { graphileFlows } from '../systems/graphile.flows.js';
import { pgBossFlows } from '../systems/pg-boss.flows.js';
import { rowsOf, type Figure } from './figure.js';

interface Server {
  stop(): Promise<void>;
}

/** It looks for work twice a second. */
const SHORT_CHAIN = { check: 2, quick: 5, full: 20 };

/** The chain, the fan and the map of `flows`, of the peers that this machine can run: by their flows, or by hand. */
export async function peersFlows(run: Run): Promise<void> {
  const rows: Figure[] = [];
  const group: Run['results']['figures'][number] = { part: 'flows', rows: [] };
  run.results.figures.push(group);
  const peer = async <On extends Server>(
    name: string,
    start: () => Promise<On | null>,
    open: (server: On) => Promise<FlowSystem>,
    chain?: typeof SHORT_CHAIN,
  ): Promise<void> =>
    attempt(run, `flows, ${name}`, async () => {
      const server = await start();
      if (server === null) {
        leaveOut(run, name);
        return;
      }
      try {
        const system = await open(server);
        rows.push(...(await compareFlows(name, system, run.effort, chain)));
        group.rows = rowsOf([rows]);
        await system.close();
      } finally {
        await Child.stopAll();
        await server.stop();
      }
    });
  const redis = (appendfsync: 'always' | 'everysec') => () => startRedis(appendfsync, run.install);
  const postgres = () => startPostgres(run.install);
  await peer('BullMQ (fsync per write), FlowProducer', redis('always'), bullmqFlows);
  await peer('BullMQ (fsync once a second), FlowProducer', redis('everysec'), bullmqFlows);
  await peer('graphile-worker, chained by hand', postgres, graphileFlows);
  await peer('pg-boss, chained by hand', postgres, pgBossFlows, SHORT_CHAIN);
}

function leaveOut({ results }: Run, name: string): void {
  results.peers ??= { rows: [], leftOut: [] };
  results.peers.leftOut.push(`flows of ${name}: this machine has no server for it`);
}
