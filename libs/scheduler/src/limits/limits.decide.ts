import { sameLimit, splitLimitRef, type LimitSpec, type TaskOptions } from '@drover/core';
import type { Reservation } from '@drover/planner';
import { encodeRecord, limitPath, limitShardPath, shardName, type ChangeRecord } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';

/** Pure: decides what becomes of limits, and which tasks are under them. */

/** A limit as it is in ZooKeeper. */
export interface KnownLimit {
  readonly name: string;
  readonly revision: number;
  readonly spec: LimitSpec;
  readonly changedBy: ChangeRecord;
  /** By command: the key (`''` is the whole limit), and until when. */
  readonly holds: ReadonlyMap<string, number>;
  /** The shards that there are, as they were written last. */
  readonly shards: Map<number, readonly Reservation[]>;
  /** Why its record cannot be read: revision, definition and holds stand in for those that it has. `null`: it can be read. */
  readonly unreadable: { readonly isNewer: boolean; readonly message: string } | null;
}

/** A later version wrote the record, and this one leaves it as it is: the reason why. `null`: it may be written. */
export const whyLeftAlone = (limit: KnownLimit | undefined): string | null =>
  limit?.unreadable?.isNewer === true ? limit.unreadable.message : null;

/** Why no hold can be written; `null`: one can. */
export const whyNotHeld = (limit: KnownLimit): string | null =>
  whyLeftAlone(limit) ?? (limit.unreadable === null ? null : 'its record cannot be read: set it anew');

/** Holds by command that one limit carries: they stand in its record. */
export const MOST_HOLDS = 1_000;

/** Whether tasks of a queue are under a limit that has a rate, by their options. */
export function usesRate(
  queue: string,
  { type, limits }: Pick<TaskOptions, 'type' | 'limits'>,
  specs: Iterable<readonly [name: string, spec: LimitSpec]>,
): boolean {
  const names = limits?.map((ref) => splitLimitRef(ref).name) ?? [];
  for (const [name, { rate, on }] of specs)
    if (rate !== null && (names.includes(name) || isOn(on, queue, type))) return true;
  return false;
}

const isOn = (on: LimitSpec['on'], queue: string, type: string): boolean =>
  on !== null && (on.queue ?? queue) === queue && (on.type ?? type) === type;

/** `unchanged`: it says the same already. `conflict`: it is not at the revision that was expected. */
export type Changed =
  { change: 'created' | 'changed'; limit: KnownLimit } | { change: 'unchanged' | 'conflict'; limit: null };

export function changedLimit(
  before: KnownLimit | undefined,
  { name, spec, ifRevision }: { name: string; spec: LimitSpec; ifRevision?: number | undefined },
  changedBy: ChangeRecord,
): Changed {
  const known = before?.revision ?? 0;
  const isExpected = ifRevision === undefined || ifRevision === known;
  const isSame = before?.unreadable === null && sameLimit(before.spec, spec);
  // A request that is carried out again, because its answer was lost, finds what it wrote itself.
  if (isSame && (isExpected || ifRevision === known - 1)) return { change: 'unchanged', limit: null };
  if (!isExpected) return { change: 'conflict', limit: null };
  const holds = before?.unreadable === null ? before.holds : new Map<string, number>();
  const shards = before?.shards ?? new Map<number, Reservation[]>();
  const limit = { name, revision: known + 1, spec, changedBy, holds, shards, unreadable: null };
  return { change: before === undefined ? 'created' : 'changed', limit };
}

/**
 * The limit with another hold, without those that are over; text: why not. `until` 0 ends the hold, and that of the whole
 * limit ends those of its keys too.
 */
export function heldLimit(before: KnownLimit, key: string, until: number, now: number): KnownLimit | string {
  const isAllReleased = key === '' && until <= now;
  const holds = new Map([...before.holds].filter(([, at]) => at > now && !isAllReleased));
  if (until > now) holds.set(key, until);
  else holds.delete(key);
  if (holds.size > MOST_HOLDS) return `${MOST_HOLDS} keys of it are held already: hold the whole limit`;
  return { ...before, holds };
}

export function limitOperation({ name, revision, spec, changedBy, holds }: KnownLimit, isThere: boolean): Operation {
  const held = holds.size === 0 ? {} : { holds: Object.fromEntries(holds) };
  const data = encodeRecord('limit', { revision, spec, changedBy, ...held });
  return { op: isThere ? 'set' : 'create', path: limitPath(name), data };
}

/** Children first. */
export function removeLimitOperations({ name, shards }: KnownLimit): Operation[] {
  const below = [...shards.keys()].map((shard) => limitShardPath(name, shardName(shard)));
  return [...below, limitPath(name)].map((path) => ({ op: 'delete', path }));
}

/** The key that a reference holds: the whole limit is `''`. Text in `problem`: the reference does not fit. */
export function heldKey(key: string | null, { per }: LimitSpec): { key: string } | { problem: string } {
  if (key === null) return { key: '' };
  if (per === 'all') return { problem: 'it counts all its tasks together, so it has no keys' };
  return { key };
}
