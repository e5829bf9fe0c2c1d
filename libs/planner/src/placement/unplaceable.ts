import { formatAmounts, formatWhere, indexesOf } from '@drover/core';
import type { WorkClass } from '../classes.js';
import { recordEach } from '../ledger.js';
import type { Planning } from '../state.js';
import type { SubQueue } from '../sub-queue.js';
import type { BatchState } from '../tasks.js';
import type { ClassPlacement } from './class-placement.js';

/** Tasks of one plan that end because nobody can take them; the next one goes on. */
const MOST_ENDED = 500;

/**
 * Tasks whose option `placementTimeout` is over end: for so long there was no worker that could ever take them, and they were
 * due. The time counts from when this leader knew of it.
 */
export function endUnplaceable(planning: Planning): void {
  const { state, now } = planning;
  let left = MOST_ENDED;
  for (const { classes, unplaceableSince } of state.placement.unplaceable)
    for (const workClass of classes) {
      const timeoutMs = workClass.placement?.placementTimeoutMs ?? null;
      if (timeoutMs === null || unplaceableSince === null) continue;
      if (unplaceableSince + timeoutMs > now) state.wake(unplaceableSince + timeoutMs);
      else left -= endOf(planning, workClass, { timeoutMs, most: left });
      if (left > 0) continue;
      state.wake(now);
      return;
    }
}

function endOf(planning: Planning, workClass: WorkClass, rule: { timeoutMs: number; most: number }): number {
  let ended = 0;
  for (const sub of [...workClass.subs]) if (ended < rule.most) ended += endIn(planning, sub, rule, rule.most - ended);
  return ended;
}

function endIn({ state, now }: Planning, sub: SubQueue, { timeoutMs }: { timeoutMs: number }, most: number): number {
  const { placement, type } = sub.workClass;
  if (placement === null || sub.ready === 0 || sub.queue.settings.paused) return 0;
  const isOver = (batch: BatchState, index: number): boolean => batch.waitsSince(index) + timeoutMs <= now;
  const slice = sub.take(most, (batch, index) => (isOver(batch, index) ? 'take' : 'stop'));
  if (slice === null) {
    if (Number.isFinite(sub.since)) state.wake(Math.max(now + 1, sub.since + timeoutMs));
    return 0;
  }
  const unplaceable = `${type} needs ${needsOf(placement)}`;
  const ends = [...indexesOf(slice.tasks)].map((index) => ({ index, outcome: 'refused' as const, unplaceable }));
  recordEach(state, slice.batch, ends, now);
  return slice.count;
}

/** In words: `cpu=8,memory=64GiB, where zone=a, in pool batch`. */
export function needsOf({ demand, where, pool }: Pick<ClassPlacement, 'demand' | 'where' | 'pool'>): string {
  const { slots, ...others } = demand;
  const named = slots === undefined || slots === 1000 ? others : demand;
  return [
    Object.keys(named).length > 0 ? formatAmounts(named) : 'a slot',
    ...(where.length > 0 ? [`where ${formatWhere(where)}`] : []),
    ...(pool === null ? [] : [`in pool ${pool}`]),
  ].join(', ');
}
