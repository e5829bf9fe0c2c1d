import { definitionOf, type DefinitionKind, type DefinitionViews } from '@drover/core';
import { decodeRecord, definitionPath, definitionsPath, specOf } from '@drover/protocol';
import type { Log } from '@drover/observability';
import { messageOf } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { toChange } from '../schedules/read-schedules.js';
import type { Defined } from './api.js';

/** By name. */
export async function definitionNames(zk: ZooKeeper, kind: DefinitionKind): Promise<string[]> {
  return ((await nullOn(zk.children(definitionsPath(kind)), 'NO_NODE')) ?? []).sort();
}

/** Those that can be read, by name. One that cannot is logged and left out. */
export async function readDefinitions<Kind extends DefinitionKind>(
  zk: ZooKeeper,
  kind: Kind,
  log: Log,
): Promise<Defined<DefinitionViews[Kind]>[]> {
  const names = await definitionNames(zk, kind);
  const found = await Promise.all(names.map((name) => readDefinition(zk, kind, name, log)));
  return found.filter((each) => each !== null);
}

/** Null: there is none, or it cannot be read, which is logged. */
export async function readDefinition<Kind extends DefinitionKind>(
  zk: ZooKeeper,
  kind: Kind,
  name: string,
  log: Log,
): Promise<Defined<DefinitionViews[Kind]> | null> {
  const path = definitionPath(kind, name);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  try {
    const record = decodeRecord(kind, path, znode.data);
    const { revision, changedBy } = record;
    const spec = definitionOf(kind).view(specOf(kind, record as never));
    return { name, revision, spec, changedBy: toChange(changedBy) };
  } catch (error) {
    log.event('record.invalid', { path, reason: messageOf(error) });
    return null;
  }
}
