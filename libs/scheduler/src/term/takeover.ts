import { BUCKETS, LAYOUT, ROOTS } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import { nullOn, type WatchEvent, type WatchHandle } from '@drover/zookeeper';
import type { Assignments } from '../facts/assignments.js';
import type { QueuesFeed } from '../facts/queues-feed.js';
import type { TasksFeed } from '../facts/tasks-feed.js';
import type { WorkersFeed } from '../facts/workers-feed.js';
import type { TermContext } from './term-context.js';

export interface Feeds {
  tasks: TasksFeed;
  assignments: Assignments;
  workers: WorkersFeed;
  queues: QueuesFeed;
}

export interface Takeover {
  tasks: number;
  /** The highest epoch that any name of an assignment or a result carries. */
  newestEpoch: number;
}

/**
 * How a new leader learns what there is. Watches first: what changes while everything is read is kept aside and told
 * afterwards, so that nothing is missed. Then everything is read, pipelined. Then the planner is told, in an order in
 * which no stale read can do harm:
 *   1. batches and the results that were listed (as they are read);
 *   2. the workers;
 *   3. the assignments that were read, without those whose deletion was told meanwhile: their reports are among the
 *      results listed or among the events kept aside;
 *   4. these events, from here on live;
 *   5. and only when the reads that they caused have been told, planning begins: until then a task may look pending
 *      whose report is still on its way.
 * `own` is given the watches, to close them when the term is over. `null`: it ended meanwhile.
 */
export async function takeOver(
  context: TermContext,
  feeds: Feeds,
  own: (watch: WatchHandle) => void,
): Promise<Takeover | null> {
  const { zk } = context;
  const { tasks, assignments, workers, queues } = feeds;
  const aside: WatchEvent[] = [];
  let live = false;
  const watcher = {
    event: (event: WatchEvent) => {
      if (!context.active()) return;
      if (live) dispatch(context, event, feeds);
      else aside.push(event);
    },
    // The connection was lost and is back. Nothing missed is replayed, so this term's memory is not the truth any more.
    reset: () => context.fail('the connection was interrupted'),
  };
  const watches = [ROOTS.tasks, ROOTS.assignments].map((root) => zk.watch(root, 'recursive', watcher));
  // What is below these is of no interest to the leader, only that they are there.
  const fixed = {
    event: (event: WatchEvent) => inBackground(lookAfter(context, event.path), (error) => context.broken(error)),
    reset: () => undefined,
  };
  for (const root of [ROOTS.keys, ROOTS.schedulers]) watches.push(zk.watch(root, 'persistent', fixed));
  await Promise.all(watches.map((watch) => watch.then(own)));
  const [count] = await Promise.all([tasks.load(), assignments.load(), workers.load(), queues.load()]);
  if (!context.active()) return null;
  for (const event of aside) if (event.path.startsWith(ROOTS.assignments)) dispatch(context, event, feeds);
  workers.tell(assignments);
  for (const assignment of assignments.all()) context.planner.assignment(assignment);
  live = true;
  for (const event of aside) if (event.path.startsWith(ROOTS.tasks)) dispatch(context, event, feeds);
  await tasks.caughtUp();
  const newestEpoch = Math.max(tasks.newestEpoch, assignments.newestEpoch);
  return context.active() ? { tasks: count, newestEpoch } : null;
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
function dispatch(context: TermContext, event: WatchEvent, { tasks, assignments }: Feeds): void {
  if (event.type === 'deleted' && FIXED.has(event.path)) return context.fail(`${event.path} was removed`);
  try {
    if (event.path.startsWith(ROOTS.tasks)) tasks.event(event);
    else assignments.event(event);
  } catch (error) {
    context.broken(error);
  }
}
