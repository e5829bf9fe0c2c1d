import type { UniquePolicy } from '@drover/core';

/**
 * Pure: which of the tasks of one unique key runs, which waits, and which ends because another one runs in its place.
 * The README says why no submit is lost by it ("Unique keys").
 */
export interface KeyTask {
  /** The transaction that created its batch. */
  readonly order: bigint;
  readonly index: number;
  /** By ZooKeeper's clock; milliseconds. */
  readonly submittedAt: number;
  readonly delayMs: number;
  readonly policy: UniquePolicy;
  /** It was handed out, and has not ended. */
  readonly hasStarted: boolean;
  /** Its time has come: it may go out, and waits in line for a worker. */
  readonly isInLine: boolean;
}

/** Of `throttle`: no task of the key is handed out before `until`. */
export interface KeyWindow<Winner> {
  readonly until: number;
  /** The task that opened it. */
  readonly opener: Winner;
}

export interface KeyDecision<Task, Winner> {
  /** End as superseded by the winner: they have not begun, or are to be ended for it (`cancel`). */
  readonly superseded: readonly (readonly [loser: Task, winner: Winner])[];
  /** End as failed: the key is in use by the other task, in a mode that theirs does not mix with. */
  readonly refused: readonly (readonly [loser: Task, holder: Winner])[];
  /** May go out now. */
  readonly release: Task | null;
  /** Look again then, if nothing happens before; milliseconds. */
  readonly wakeAt: number | null;
}

const NOTHING = { superseded: [], refused: [], release: null, wakeAt: null };
const isFirst = ({ policy }: KeyTask): boolean => policy.mode === 'first';

/** By the transactions that ZooKeeper made of the submits. */
export const inOrder = (a: KeyTask, b: KeyTask): number =>
  a.order < b.order ? -1 : a.order > b.order ? 1 : a.index - b.index;

/** `tasks`: all of the key that have not ended, in order. `nameOf`: how they are named as winners. */
export function decideKey<Task extends KeyTask, Winner>(
  tasks: readonly Task[],
  window: KeyWindow<Winner> | null,
  now: number,
  nameOf: (task: Task) => Winner,
): KeyDecision<Task, Winner> {
  const [established = null] = [...tasks.filter(({ hasStarted }) => hasStarted), ...tasks];
  if (established === null) return NOTHING;
  // `first` is guarded by its submitters: nothing of it is decided here, but that it does not mix with the others.
  const strangers = tasks.filter((task) => !task.hasStarted && isFirst(task) !== isFirst(established));
  const refused = strangers.map((task) => [task, nameOf(established)] as const);
  const own = tasks.filter((task) => isFirst(task) === isFirst(established));
  return isFirst(established) ? { ...NOTHING, refused } : { ...decideOwn(own, window, now, nameOf), refused };
}

function decideOwn<Task extends KeyTask, Winner>(
  tasks: readonly Task[],
  window: KeyWindow<Winner> | null,
  now: number,
  nameOf: (task: Task) => Winner,
): Omit<KeyDecision<Task, Winner>, 'refused'> {
  const running = tasks.filter(({ hasStarted }) => hasStarted);
  const latest = running.at(-1);
  const waiting = tasks.filter(({ hasStarted }) => !hasStarted);
  // A run that was handed out after a submit does for it.
  const covered = latest === undefined ? [] : waiting.filter((task) => inOrder(task, latest) < 0);
  const superseded = latest === undefined ? [] : covered.map((task) => [task, nameOf(latest)] as const);
  // A task whose window has no trailing run is covered by the task that opened it.
  const within = window !== null && now < window.until ? window : null;
  const dropped = within === null ? [] : waiting.filter((task) => !covered.includes(task) && isLeadingOnly(task));
  if (within !== null) superseded.push(...dropped.map((task) => [task, within.opener] as const));
  const open = waiting.filter((task) => !covered.includes(task) && !dropped.includes(task));
  const newest = open.at(-1);
  if (newest === undefined) return { ...NOTHING, superseded };

  const { chosen, losers } = choose(open, newest);
  superseded.push(...losers.map((task) => [task, nameOf(chosen)] as const));
  if (running.length > 0) {
    if (chosen.policy.mode === 'cancel') superseded.push(...running.map((task) => [task, nameOf(chosen)] as const));
    return { ...NOTHING, superseded };
  }
  const at = dueAt(chosen, open, window);
  return at <= now ? { superseded, release: chosen, wakeAt: null } : { superseded, release: null, wakeAt: at };
}

/**
 * Of those that wait the newest goes on, except where a window has no trailing run: then it is the first one. A burst
 * is bounded from its first submit: as long as that has not ended, any leader knows when the burst began. One that is
 * in line already is not kept: nothing may go out beside the newest.
 */
function choose<Task extends KeyTask>(open: readonly Task[], newest: Task): { chosen: Task; losers: readonly Task[] } {
  const [first = newest] = open;
  const { mode, maxMs } = newest.policy;
  if (isLeadingOnly(newest)) return { chosen: first, losers: open.slice(1) };
  const older = open.slice(0, -1);
  const isKept = mode === 'debounce' && maxMs !== null && !first.isInLine;
  return { chosen: newest, losers: isKept ? older.slice(1) : older };
}

const isLeadingOnly = ({ policy }: KeyTask): boolean => policy.mode === 'throttle' && !policy.trailing;

/**
 * When the chosen one may go out, as far as its key is concerned. A burst whose time has come, and which waits for a
 * worker, goes out with what is newest then.
 */
function dueAt(
  { submittedAt, delayMs, policy: { mode, quietMs, maxMs } }: KeyTask,
  open: readonly KeyTask[],
  window: KeyWindow<unknown> | null,
): number {
  const at = submittedAt + delayMs;
  if (mode === 'throttle') return Math.max(at, window?.until ?? at);
  if (mode !== 'debounce' || open.some(({ isInLine }) => isInLine)) return at;
  const quietAt = at + (quietMs ?? 0);
  return maxMs === null ? quietAt : Math.max(at, Math.min(quietAt, (open[0]?.submittedAt ?? submittedAt) + maxMs));
}
