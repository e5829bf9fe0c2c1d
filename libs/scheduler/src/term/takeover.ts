import { BUCKETS, decodeRecord, LAYOUT, ROOTS, type StatusRecord } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import { nullOn, type WatchEvent, type WatchHandle } from '@drover/zookeeper';
import type { Assignments } from '../facts/assignments.js';
import { readable } from '../facts/readable.js';
import type { QueuesWatcher } from '../facts/queues-watcher.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import type { WorkersWatcher } from '../facts/workers-watcher.js';
import { reportInvalid, type TermContext } from './term-context.js';

export interface Watchers {
  tasks: TasksWatcher;
  assignments: Assignments;
  workers: WorkersWatcher;
  queues: QueuesWatcher;
}

/**
 * How a new leader learns what it must know before it assigns. Watches first: what changes while this is read is kept
 * aside and told afterwards, so that nothing is missed. Then the assignments, the workers and the queues are read, and
 * the batches that have work out. Then the planner is told, in an order in which no stale read can do harm:
 *   1. these batches with the results that they had (as they are read);
 *   2. the workers;
 *   3. the assignments that were read, also those that are gone meanwhile;
 *   4. what happened below `/tasks` meanwhile, from here on live: the reports of those that are gone are among the results
 *      listed, or among these events;
 *   5. and only when the reads that they caused have been told, planning begins: until then a task may look pending
 *      whose report is still on its way;
 *   6. with the first plan the assignments are on the planner's books, and what happened below `/assignments` is told
 *      (`TakenOver.settle`): the tasks of one that is gone without any account of them are lost.
 * All other batches are read while the planner plans (`TasksWatcher.loadAll`). Nothing of them is out: no earlier leader
 * can write any more, and what is out was read above. So every end of their tasks is written already, and each batch is
 * told in one go with all of them.
 * `own` is given the watches, to close them when the term is over. `null`: it ended meanwhile.
 */
export async function takeOver(
  context: TermContext,
  watchers: Watchers,
  own: (watch: WatchHandle) => void,
): Promise<TakenOver | null> {
  const { zk } = context;
  const { tasks, assignments, workers, queues } = watchers;
  const ofTasks = new EventsAside(context, watchers);
  const ofAssignments = new EventsAside(context, watchers);
  const watches = [
    zk.watch(ROOTS.tasks, 'recursive', ofTasks),
    zk.watch(ROOTS.assignments, 'recursive', ofAssignments),
  ];
  // The leader only checks that these directories exist; it ignores their children.
  const fixed = {
    event: (event: WatchEvent) => inBackground(lookAfter(context, event.path), (error) => context.broken(error)),
    reset: () => undefined,
  };
  for (const root of [ROOTS.keys, ROOTS.schedulers]) watches.push(zk.watch(root, 'persistent', fixed));
  await Promise.all(watches.map((watch) => watch.then(own)));
  await Promise.all([assignments.load(), workers.load(), queues.load()]);
  if (!context.active()) return null;
  await tasks.loadSome(new Set([...assignments.all()].map(({ batch }) => batch)));
  if (!context.active()) return null;
  workers.tell(assignments);
  for (const assignment of assignments.all())
    if (tasks.whyUnreadable(assignment.batch) === null) context.planner.assignment(assignment);
  ofTasks.goLive();
  await tasks.caughtUp();
  return context.active() ? { settle: () => ofAssignments.goLive() } : null;
}

export interface TakenOver {
  /** To be called right after the first plan. */
  settle(): void;
}

/** Keeps the events of a watch aside until they may be told. */
class EventsAside {
  readonly #context: TermContext;
  readonly #watchers: Watchers;
  /** `null`: live. */
  #aside: WatchEvent[] | null = [];

  constructor(context: TermContext, watchers: Watchers) {
    this.#context = context;
    this.#watchers = watchers;
  }

  readonly event = (event: WatchEvent): void => {
    if (!this.#context.active()) return;
    if (this.#aside === null) dispatch(this.#context, event, this.#watchers);
    else this.#aside.push(event);
  };

  /** The connection was lost and is back. Nothing missed is replayed, so this term's memory is not the truth any more. */
  readonly reset = (): void => this.#context.fail('the connection was interrupted');

  goLive(): void {
    const aside = this.#aside ?? [];
    this.#aside = null;
    for (const event of aside) this.event(event);
  }
}

/**
 * The last word of the leader before: batches that were unfinished are read first, advice for pools goes on. Empty where there is no such
 * record.
 */
export async function statusBefore(context: TermContext): Promise<Partial<StatusRecord>> {
  const znode = await readable(context, ROOTS.status, context.zk.get(ROOTS.status));
  if (znode === null || znode.data.length === 0) return {};
  try {
    return decodeRecord('status', ROOTS.status, znode.data);
  } catch (error) {
    reportInvalid(context, ROOTS.status, error);
    return {};
  }
}

/** Ends the term where a fixed znode is missing: the next one makes it again. Rejects where it cannot look. */
async function lookAfter(context: TermContext, root: string): Promise<void> {
  if (!context.active()) return;
  const names = await nullOn(context.zk.children(root), 'NO_NODE');
  const isWhole = names !== null && (root !== ROOTS.keys || BUCKETS.every((bucket) => names.includes(bucket)));
  if (!isWhole) context.fail(`${root} or a part of it was removed`);
}

/** The next term makes them again: nobody could submit to a bucket that is not there. */
const FIXED: ReadonlySet<string> = new Set(LAYOUT);

/** An error in here would be lost in the client: the term's memory would be wrong from here on, so it ends. */
function dispatch(context: TermContext, event: WatchEvent, { tasks, assignments }: Watchers): void {
  if (event.type === 'deleted' && FIXED.has(event.path)) return context.fail(`${event.path} was removed`);
  try {
    if (event.path.startsWith(ROOTS.tasks)) tasks.event(event);
    else assignments.event(event);
  } catch (error) {
    context.broken(error);
  }
}
