import type { BroadcastsAnswer, Questions } from '@drover/api';
import type { Broadcast } from '../broadcasts/book.js';
import type { TermView } from './term-view.js';

type Row = BroadcastsAnswer['broadcasts'][number];
/** Broadcasts, and batches of them, that one page looks at. */
const LOOKED_AT = 5_000;

type View = Pick<TermView, 'broadcasts' | 'isWhole' | 'planner'>;

/** Null: the term is still reading. The newest first; a page that has looked at some thousand may have none, and a cursor. */
export function answerBroadcasts(view: View, asked: Questions['broadcasts']['ask']): BroadcastsAnswer | null {
  if (!view.isWhole()) return null;
  const { limit, after, states } = asked;
  const rows: Row[] = [];
  let left = LOOKED_AT;
  let last = after;
  for (const broadcast of view.broadcasts(after)) {
    if (broadcast.id === after) continue;
    if (rows.length === limit || left <= 0) return { broadcasts: rows, next: last };
    last = broadcast.id;
    left -= 1 + broadcast.batches.size;
    const state = stateOf(broadcast);
    if (!isWanted(broadcast, asked) || states?.includes(state) === false) continue;
    rows.push(rowOf(broadcast, state, view));
  }
  return { broadcasts: rows, next: null };
}

function isWanted({ record }: Broadcast, { type, queues }: Questions['broadcasts']['ask']): boolean {
  if (type !== null && record.task.type !== type) return false;
  return (
    queues === null ||
    queues.some((name) => (name.endsWith('*') ? record.queue.startsWith(name.slice(0, -1)) : name === record.queue))
  );
}

const stateOf = ({ finished, isOpen }: Broadcast): Row['state'] =>
  finished !== null ? 'finished' : isOpen ? 'open' : 'closed';

function rowOf(broadcast: Broadcast, state: Row['state'], view: View): Row {
  const { id, record, submittedAt, reached, closed, finished } = broadcast;
  const { queue, task, where = {}, key = null, skipDraining = false, joinersMs, client, by, reason } = record;
  return {
    ...{ id, type: task.type, queue, where: { ...where }, key, skipDraining, state, client },
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    ...{ submittedAt, until: submittedAt + joinersMs, finishedAt: finished?.at ?? null },
    closed: closed === null ? null : { ...closed },
    reached: reached === null ? null : { at: reached.at, workers: reached.workers },
    counts: countsOf(broadcast, view),
  };
}

function countsOf({ batches, finished }: Broadcast, { planner }: View): Row['counts'] {
  const ends = { succeeded: 0, failed: 0, cancelled: 0 };
  let tasks = 0;
  for (const [batch, part] of batches) {
    tasks += part.tasks;
    const known = part.ends ?? planner.endsOf(batch);
    for (const state of ['succeeded', 'failed', 'cancelled'] as const) ends[state] += known?.[state] ?? 0;
  }
  if (finished === null) {
    const waiting = Math.max(0, tasks - ends.succeeded - ends.failed - ends.cancelled);
    return { workers: tasks, waiting, ...ends };
  }
  const { succeeded, failed, cancelled } = finished;
  return { workers: succeeded + failed + cancelled, waiting: 0, succeeded, failed, cancelled };
}
