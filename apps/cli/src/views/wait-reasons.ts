import type { StatusView, TaskView } from '@drover/client';
import { counted, formatCount, someOf } from './format.js';

/** Number of reasons that are named; the others are counted. */
const MOST_REASONS = 4;
/** Width of the list of full queues. */
const FULL_COLUMNS = 200;

/**
 * Why tasks wait, counted by reason, in one line such as `3,000 wait: no worker offers x (2,000); queue y is paused
 * (1,000)`.
 */
export class WaitReasons {
  readonly #counts = new Map<string, number>();

  /** A task that does not wait counts nothing. */
  add({ state, reason }: Pick<TaskView, 'state' | 'reason'>): void {
    if (state === 'pending') this.#add(reason ?? 'no free worker yet');
    else if (state === 'scheduled') this.#add('not due yet');
    else if (state === 'retrying') this.#add('the next attempt is not due yet');
  }

  #add(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** Empty where nothing waits. `complete`: all tasks were counted. */
  describe(complete: boolean): string {
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return '';
    return `${complete ? '' : 'at least '}${formatCount(total)} wait${total === 1 ? 's' : ''}: ${inGroups(this.#counts)}`;
  }
}

/** Names the queues that are paused or at their limits, by the leader's counts. Empty: there are none. Pure. */
export function describeHeldQueues({ queues }: Pick<StatusView, 'queues'>): string {
  const counts = new Map<string, number>();
  for (const { name, pending, out, paused, maxRunning } of queues) {
    if (pending === 0) continue;
    if (paused) counts.set(`queue ${name} is paused`, pending);
    else if (maxRunning !== null && out >= maxRunning)
      counts.set(`queue ${name} is at its limit of ${formatCount(maxRunning)} assigned tasks`, pending);
  }
  return inGroups(counts);
}

/** Queues that refuse submits, or those of some tenants, with counts. Empty: none. */
export function describeFullQueues({ queues }: Pick<StatusView, 'queues'>): string {
  const parts = queues.flatMap(({ name, full, unfinished = 0, fullTenants }) => {
    if (full === true) return [`queue ${name} (${formatCount(unfinished)} unfinished)`];
    return fullTenants === undefined ? [] : [`${counted(fullTenants, 'tenant')} of queue ${name}`];
  });
  return someOf(parts, 0, FULL_COLUMNS);
}

/** The largest group first. */
function inGroups(counts: ReadonlyMap<string, number>): string {
  const groups = [...counts].sort(([, a], [, b]) => b - a);
  const shown = groups.slice(0, MOST_REASONS).map(([reason, count]) => `${reason} (${formatCount(count)})`);
  const others = groups.slice(MOST_REASONS).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(others === 0 ? [] : [`other reasons (${formatCount(others)})`])].join('; ');
}
