import { measure } from './compare.js';
import { attempt, type Run } from './part.js';
import { startPostgres } from './services/postgres.js';
import { startRedis } from './services/redis.js';
import type { Contender } from './system.js';
import { bullmq } from './systems/bullmq.js';
import { graphileWorker } from './systems/graphile.js';
import { pgBoss } from './systems/pg-boss.js';

interface PeerServer {
  version: string;
  stop(): Promise<void>;
}

/** The peers that this machine can run, one after the other, each on a server of its own; of the others the reason. */
export async function measurePeers(run: Run): Promise<void> {
  const redis = (appendfsync: 'always' | 'everysec') => () => startRedis(appendfsync, run.install);
  const postgres = () => startPostgres(run.install);
  run.results.peers ??= { rows: [], leftOut: [] };
  await onServer(run, 'BullMQ (fsync per write)', redis('always'), (server) => bullmq(server, 'fsync per write'));
  await onServer(run, 'BullMQ (fsync once a second)', redis('everysec'), (server) =>
    bullmq(server, 'fsync once a second'),
  );
  await onServer(run, 'graphile-worker', postgres, graphileWorker);
  await onServer(run, 'pg-boss', postgres, pgBoss);
}

async function onServer<Server extends PeerServer>(
  run: Run,
  name: string,
  start: () => Promise<Server | null>,
  contender: (server: Server) => Contender,
): Promise<void> {
  const { results, effort, say } = run;
  await attempt(run, name, async () => {
    const server = await start();
    if (server === null) {
      results.peers?.leftOut.push(`${name}: this machine has no server for it`);
      return;
    }
    try {
      say(`${name} on ${server.version}`);
      if (!results.versions.includes(server.version)) results.versions.push(server.version);
      results.peers?.rows.push(await measure(contender(server), effort));
    } finally {
      await server.stop();
    }
  });
}
