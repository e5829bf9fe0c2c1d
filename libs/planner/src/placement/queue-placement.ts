import { DEFAULT_QUEUE_SETTINGS, sameAmounts, sameWhere, type QueueSettings } from '@drover/core';
import type { WorkClass } from '../classes.js';
import type { QueueState } from '../queue-state.js';
import type { State } from '../state.js';
import { placementOf, type QueuePlacement } from './class-placement.js';

/**
 * Settings of a queue that say where its tasks go hold for all of them at once. Its classes carry its name then, so that
 * other settings are another route for these classes; with the first such settings its sub-queues move to classes of
 * their own, and back with the last. Tasks that are out stay where they are.
 */
export function replaceQueue(state: State, queue: QueueState, before: QueueSettings): void {
  if (samePlacement(before, queue.settings)) return;
  const wasNamed = queue.placement !== null;
  queue.placement = queuePlacementOf(queue.name, queue.settings);
  // Shares of workers that may be the wrong ones now.
  state.allocations.clear();
  if (wasNamed && queue.placement !== null) {
    const classes = new Set<WorkClass>();
    for (const { workClass } of queue.subs()) if (workClass.pin === null) classes.add(workClass);
    for (const workClass of classes) {
      workClass.placement = placementOf(
        workClass.placement?.own ?? null,
        queue.placement,
        workClass.placement?.scope ?? null,
      );
      state.workers.reroute(workClass);
    }
  } else moveSubQueues(state, queue);
}

/** Null: nothing in the settings says where its tasks go. */
function queuePlacementOf(
  queue: string,
  { account, pool, resources, where, preemptible }: QueueSettings,
): QueuePlacement | null {
  const says =
    account !== DEFAULT_QUEUE_SETTINGS.account || pool !== null || resources !== null || where !== null || preemptible;
  return says ? { queue, account, pool, resources, where, preemptible } : null;
}

const samePlacement = (a: QueueSettings, b: QueueSettings): boolean =>
  a.account === b.account &&
  a.pool === b.pool &&
  sameAmounts(a.resources, b.resources) &&
  sameWhere(a.where, b.where) &&
  a.preemptible === b.preemptible;

/** One to one: what tells classes of the queue apart told them apart before. */
function moveSubQueues(state: State, queue: QueueState): void {
  const { classes, workers, contest } = state;
  for (const sub of [...queue.subs()]) {
    const { workClass, level } = sub;
    if (workClass.pin !== null) continue;
    const { own = null, scope = null } = workClass.placement ?? {};
    const placement = placementOf(own, queue.placement, scope);
    const { type, needs, limits, isSequenced, pin } = workClass;
    const other = classes.intern({ type, needs, limits, isSequenced, pin, placement }, (wanted) =>
      workers.routeOf(wanted),
    );
    const ready = queue.settings.paused ? 0 : sub.ready;
    level.subs.delete(workClass);
    level.subs.set(other, sub);
    workClass.subs.delete(sub);
    other.subs.add(sub);
    workClass.pending -= ready;
    other.pending += ready;
    contest.reclass(sub, other);
    classes.touch(workClass);
    classes.touch(other);
    if (workClass.subs.size > 0) continue;
    classes.forget(workClass);
    workers.forget(workClass.route);
  }
}
