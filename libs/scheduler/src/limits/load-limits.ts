import {
  decodeRecord,
  limitPath,
  limitShardPath,
  limitSpecOf,
  LIMIT_SHARDS,
  reservedKeys,
  ROOTS,
} from '@drover/protocol';
import { RecordError, type LimitSpec } from '@drover/core';
import type { Reservation } from '@drover/planner';
import { messageOf } from '@drover/runtime';
import { readable, readMany } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import type { KnownLimit } from './limits.decide.js';

/** It stands for a limit that cannot be read: the tasks that name it wait until somebody has mended it. */
const CLOSED: LimitSpec = { concurrency: 1, rate: null, on: null, per: 'all' };
const FOREVER = Number.MAX_SAFE_INTEGER;
/** How far beyond now a reservation can be, besides the burst. */
const RESERVED_MS = 1_000;

/** Reads all limits with their reservations. */
export async function loadLimits(context: TermContext): Promise<KnownLimit[]> {
  const names = (await readable(context, ROOTS.limits, context.zk.children(ROOTS.limits))) ?? [];
  const sorted = [...names].sort();
  const znodes = await readMany(context, sorted.map(limitPath));
  const limits: KnownLimit[] = [];
  for (const [at, name] of sorted.entries()) {
    const znode = znodes[at] ?? null;
    if (znode === null || !context.active()) continue;
    const limit = toLimit(context, name, znode === 'denied' ? null : znode.data);
    if (znode === 'denied' || znode.stat.numChildren > 0) await loadShards(context, limit);
    limits.push(limit);
  }
  return limits;
}

interface Loading extends KnownLimit {
  readonly holds: Map<string, number>;
}

function toLimit(context: TermContext, name: string, data: Uint8Array | null): Loading {
  const path = limitPath(name);
  try {
    if (data === null) throw new Error('it cannot be read');
    const { revision, spec, changedBy, holds = {} } = decodeRecord('limit', path, data);
    return {
      name,
      revision,
      spec: limitSpecOf(spec),
      changedBy,
      holds: new Map(Object.entries(holds)),
      shards: new Map(),
      unreadable: null,
    };
  } catch (error) {
    reportInvalid(context, path, error);
    const holds = new Map([['', FOREVER]]);
    const unreadable = { isNewer: error instanceof RecordError && error.isNewer, message: messageOf(error) };
    return { name, revision: 0, spec: CLOSED, changedBy: { at: 0 }, holds, shards: new Map(), unreadable };
  }
}

/** Of a shard that cannot be read nothing is known: the whole limit waits as long as a reservation can reach. */
async function loadShards(context: TermContext, limit: Loading): Promise<void> {
  const paths = LIMIT_SHARDS.map((shard) => limitShardPath(limit.name, shard));
  const znodes = await readMany(context, paths);
  for (const [shard, path] of paths.entries()) {
    const znode = znodes[shard] ?? null;
    if (znode === null) continue;
    let keys: Reservation[] = [];
    try {
      if (znode === 'denied') throw new Error('it cannot be read');
      keys = reservedKeys(decodeRecord('limitShard', path, znode.data));
    } catch (error) {
      reportInvalid(context, path, error);
      const until = context.clock.now() + RESERVED_MS + (limit.spec.rate?.periodMs ?? 0);
      limit.holds.set('', Math.max(limit.holds.get('') ?? 0, until));
    }
    limit.shards.set(shard, keys);
  }
}
