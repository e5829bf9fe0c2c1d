import type { Task } from '../data/types.js';

/** One attempt on the common axis of a task; instants in milliseconds since 1970. */
export interface AttemptBar {
  attempt: number;
  /** Null: it is under way. */
  outcome: string | null;
  worker: string | null;
  /** From here it waited. */
  waitsFrom: number;
  /** From here it ran; null: it never began. */
  from: number | null;
  to: number;
  /** Nobody told when it began: the edge is a guess. */
  isGuess: boolean;
}
export interface Timeline {
  from: number;
  to: number;
  bars: readonly AttemptBar[];
  /** When the attempt that waits now may begin, if that is later than now. */
  dueAt: number | null;
}

type Known = Pick<Task, 'state' | 'attempt' | 'submittedAt' | 'dueAt' | 'startedAt' | 'history' | 'worker'>;

/** The ends of attempts in their order, and the attempt that waits or runs. Pure. */
export function timelineOf(task: Known, now: number): Timeline {
  const bars: AttemptBar[] = [];
  let waitsFrom = task.submittedAt;
  for (const { attempt, outcome, worker, at, ms } of task.history) {
    // Somebody retried it: what follows waits from then on.
    if (outcome !== 'requeued') {
      const began = startOf(waitsFrom, at, ms, worker);
      bars.push({
        attempt,
        outcome,
        worker,
        waitsFrom,
        from: began,
        to: at,
        isGuess: began !== null && ms === undefined,
      });
    }
    waitsFrom = at;
  }
  const isOver = task.state === 'succeeded' || task.state === 'failed' || task.state === 'cancelled';
  if (!isOver) bars.push(currentOf(task, waitsFrom, now));
  const dueAt = !isOver && task.dueAt !== undefined && task.dueAt > now ? task.dueAt : null;
  const to = Math.max(...bars.map((bar) => bar.to), dueAt ?? 0, task.submittedAt + 1);
  return { from: task.submittedAt, to, bars, dueAt };
}

function startOf(waitsFrom: number, at: number, ms: number | undefined, worker: string | null): number | null {
  if (ms !== undefined) return Math.max(waitsFrom, at - ms);
  return worker === null ? null : waitsFrom;
}

function currentOf(task: Known, waitsFrom: number, now: number): AttemptBar {
  const { startedAt = null, worker, state, attempt } = task;
  const isOut = state === 'assigned' || state === 'running';
  return {
    attempt: isOut ? attempt : attempt + 1,
    outcome: null,
    worker: isOut ? worker : null,
    waitsFrom,
    from: isOut ? startedAt : null,
    to: Math.max(now, waitsFrom),
    isGuess: state === 'assigned',
  };
}
