import { isSeatBefore } from './bands.js';
import type { WorkClass } from './classes.js';
import type { Reason } from './explain.js';
import type { QueueState } from './queue-state.js';
import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';
import type { Run } from './tasks.js';
import type { Tenant } from './tenants.js';
import type { WorkerState } from './worker-state.js';

/**
 * The sub-queues that go before a task of the run at `index`: only those count whose tasks could go to a worker that
 * it may go to.
 */
export function orderReasons(state: State, run: Run, index: number, usable: readonly WorkerState[]): Reason[] {
  const competes = competitorsFor(usable);
  return [
    ...behindQueues(state, run.sub, competes),
    ...behindAccounts(run.sub, competes),
    ...behindTenants(run.sub, competes),
    ...behindPriority(state, run, index, competes),
  ];
}

type Competes = (sub: SubQueue) => boolean;

function competitorsFor(usable: readonly WorkerState[]): Competes {
  const known = new Map<WorkClass, boolean>();
  return ({ workClass, ready }) => {
    if (ready === 0) return false;
    let does = known.get(workClass);
    if (does === undefined) {
      does = usable.some((worker) => worker.mayRun(workClass));
      known.set(workClass, does);
    }
    return does;
  };
}

const pendingOf = (subs: Iterable<SubQueue>, competes: Competes): number => {
  let pending = 0;
  for (const sub of subs) if (competes(sub)) pending += sub.ready;
  return pending;
};

function behindQueues(state: State, { queue }: SubQueue, competes: Competes): Reason[] {
  let first: QueueState | null = null;
  let queues = 0;
  let pending = 0;
  for (const other of state.queues.values()) {
    if (other.settings.priority <= queue.settings.priority || other.allowance <= 0) continue;
    const here = pendingOf(other.subs(), competes);
    if (here === 0) continue;
    first ??= other;
    queues++;
    pending += here;
  }
  if (first === null) return [];
  return [{ code: 'behind-priority', blocking: false, of: 'queues', queue: first.name, queues, pending }];
}

/** Accounts whose turn comes before that of its own, in its priority. */
function behindAccounts({ queue }: SubQueue, competes: Competes): Reason[] {
  const { account, seat } = queue;
  const { seats } = seat.band;
  if (seats.size === 1) return [];
  let accounts = 0;
  for (const other of seats.values())
    if (other !== seat && isSeatBefore(other, seat) && [...other.queues].some((each) => waits(each, competes)))
      accounts++;
  if (accounts === 0) return [];
  const { name, measure: share, spec } = account;
  const of = { account: name, share, weight: spec.weight, accounts, place: accounts + 1 };
  return [{ code: 'account-turn', blocking: false, ...of }];
}

function waits(queue: QueueState, competes: Competes): boolean {
  if (queue.allowance <= 0) return false;
  for (const sub of queue.subs()) if (competes(sub)) return true;
  return false;
}

/** Tenants that were served less for their weight. */
function behindTenants({ queue, level: { tenant } }: SubQueue, competes: Competes): Reason[] {
  if (queue.tenants === null) return [];
  let tenants = 0;
  let pending = 0;
  for (const other of queue.allTenants()) {
    if (other === tenant || other.allowance <= 0 || !isBefore(other, tenant)) continue;
    const here = pendingOf(subsOf(other), competes);
    if (here === 0) continue;
    tenants++;
    pending += here;
  }
  if (tenants === 0) return [];
  const { name, weight } = tenant;
  return [{ code: 'tenant-turn', blocking: false, queue: queue.name, tenant: name, weight, tenants, pending }];
}

const isBefore = (a: Tenant, b: Tenant): boolean => a.served < b.served || (a.served === b.served && a.turn < b.turn);

function* subsOf({ levels }: Tenant): Generator<SubQueue> {
  for (const { subs } of levels) yield* subs.values();
}

/** Tasks of its tenant that have a higher priority. */
function behindPriority(state: State, { sub, batch }: Run, index: number, competes: Competes): Reason[] {
  const { tenant, priority } = sub.level;
  const higher = tenant.levels.filter((level) => level.priority > priority);
  const waiting = higher.map((level) => ({ ...{ level }, pending: pendingOf(level.subs.values(), competes) }));
  const pending = waiting.reduce((sum, each) => sum + each.pending, 0);
  const highest = waiting.find((each) => each.pending > 0)?.level.priority;
  if (highest === undefined) return [];
  const { agingMs } = state.contest;
  const dueAt = batch.firstDueAt(index);
  const firstAt = agingMs === null ? null : dueAt + (highest - priority) * agingMs;
  const of = { of: 'tasks', tenant: tenant.name, priority, highest, pending, firstAt } as const;
  return [{ code: 'behind-priority', blocking: false, ...of }];
}
