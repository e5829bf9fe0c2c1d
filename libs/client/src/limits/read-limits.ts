import { decodeRecord, limitPath, limitSpecOf, ROOTS } from '@drover/protocol';
import type { Log } from '@drover/observability';
import { messageOf } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { toChange } from '../schedules/read-schedules.js';
import type { LimitSummary } from './api.js';

/** The names of the limits that are declared, by name. */
export async function limitNames(zk: ZooKeeper): Promise<string[]> {
  return ((await nullOn(zk.children(ROOTS.limits), 'NO_NODE')) ?? []).sort();
}

/** Those that can be read, by name. One that cannot is logged and left out. */
export async function readLimits(zk: ZooKeeper, log: Log): Promise<LimitSummary[]> {
  const names = await limitNames(zk);
  const found = await Promise.all(names.map((name) => readLimit(zk, name, log)));
  return found.filter((limit) => limit !== null);
}

/** `null`: there is none, or it cannot be read, which is logged. */
export async function readLimit(zk: ZooKeeper, name: string, log: Log): Promise<LimitSummary | null> {
  const path = limitPath(name);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  try {
    const { revision, spec, changedBy, holds = {} } = decodeRecord('limit', path, znode.data);
    return { name, revision, spec: limitSpecOf(spec), changedBy: toChange(changedBy), holds };
  } catch (error) {
    log.event('record.invalid', { path, reason: messageOf(error) });
    return null;
  }
}
