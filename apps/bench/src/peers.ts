import { measure, type Effort } from './compare.js';
import type { PeerFigures } from './results.js';
import { startPostgres } from './services/postgres.js';
import { startRedis } from './services/redis.js';
import { bullmq } from './systems/bullmq.js';
import { graphileWorker } from './systems/graphile.js';
import { pgBoss } from './systems/pg-boss.js';

/** The peers that this machine can run, one after the other. */
export async function measurePeers(effort: Effort, say: (line: string) => void): Promise<PeerFigures> {
  const figures: PeerFigures = { rows: [], versions: [], leftOut: [] };
  for (const appendfsync of ['always', 'everysec'] as const) await onRedis(appendfsync, effort, figures, say);
  await onPostgres(effort, figures, say);
  return figures;
}

async function onRedis(
  appendfsync: 'always' | 'everysec',
  effort: Effort,
  figures: PeerFigures,
  say: (line: string) => void,
): Promise<void> {
  const redis = await startRedis(appendfsync);
  if (redis === null) {
    figures.leftOut.push(`BullMQ (appendfsync ${appendfsync}): no redis-server here`);
    return;
  }
  try {
    const durability = appendfsync === 'always' ? 'fsync per write' : 'fsync once a second';
    say(`BullMQ on ${redis.version}, ${durability}`);
    figures.rows.push(await measure(bullmq(redis, durability), effort));
    if (!figures.versions.includes(redis.version)) figures.versions.push(redis.version);
  } finally {
    await redis.stop();
  }
}

async function onPostgres(effort: Effort, figures: PeerFigures, say: (line: string) => void): Promise<void> {
  const postgres = await startPostgres();
  if (postgres === null) {
    figures.leftOut.push('graphile-worker, pg-boss: no PostgreSQL here');
    return;
  }
  try {
    for (const contender of [graphileWorker(postgres), pgBoss(postgres)]) {
      say(`${contender.name} on ${postgres.version}`);
      figures.rows.push(await measure(contender, effort));
    }
    figures.versions.push(postgres.version);
  } finally {
    await postgres.stop();
  }
}
