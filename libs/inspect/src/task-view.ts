import {
  foldEnd,
  isFinal,
  NO_PROGRESS,
  NO_TENANT,
  taskId,
  type Progress,
  type TaskFailure,
  type TaskId,
  type TaskOptions,
  type TaskState,
  type Verdict,
} from '@drover/core';
import {
  attemptEndOf,
  failureOf,
  optionsAt,
  workerName,
  type BatchHeader,
  type BroadcastPart,
  type ResultHeader,
  type TaskEnd,
} from '@drover/protocol';
import { stepOfTask } from './flows/step-of-task.js';
import type { StoredBatch, UnreadBatch } from './stored-batch.js';
import type { AttemptView, TaskView } from './views.js';

/** An assignment that is out and names the task. */
export interface Out {
  worker: string;
  attempt: number;
  at: number;
  /** The worker's own report that it runs. */
  running: { startedAt: number; progress?: number | undefined; note?: string | undefined } | null;
}

/** The results' account of one task. */
interface Folded {
  progress: Progress;
  verdict: Verdict | null;
  history: AttemptView[];
  /** When the last end was written. */
  endedAt: number;
  /** When somebody retried it last; `null`: nobody did. */
  retriedAt: number | null;
  worker: string | null;
  result?: unknown;
  error?: TaskFailure;
  /** The task that ran in its place. */
  winner?: TaskId;
  /** Why neither can be read. */
  unread?: string;
}

/** Pure: the view of a task that `drover get` shows, from the stored records. `now`: milliseconds since 1970. */
export function viewTask(batch: StoredBatch, index: number, out: Out | null, now: number): TaskView {
  const { header } = batch;
  const options = optionsAt(header.groups, index);
  const folded = fold(batch, index);
  const { verdict, progress, history } = folded;
  const { state, dueAt } = stateOf(batch, index, folded, out, now);
  const { type, tenant, priority, maxAttempts, timeoutMs, heartbeatMs, retry, key, unique } = options;
  const { after, afterMode, limits, sequence } = options;
  const final = verdict !== null && state === verdict.state;
  return {
    id: taskId(batch.id, index),
    type,
    queue: header.queue,
    ...(tenant === NO_TENANT ? {} : { tenant }),
    ...(priority === 0 ? {} : { priority }),
    state,
    attempt: out === null ? progress.attempt : Math.max(out.attempt, progress.attempt),
    maxAttempts,
    timeoutMs,
    ...(heartbeatMs === null ? {} : { heartbeatMs }),
    retry,
    key: key ?? unique?.key ?? null,
    ...(unique === null ? {} : { unique }),
    ...(after === null ? {} : { after, afterMode }),
    ...(limits === null ? {} : { limits }),
    ...(sequence === null ? {} : { sequence }),
    ...(folded.winner === undefined || state !== 'cancelled' ? {} : { supersededBy: folded.winner }),
    worker: out?.worker ?? folded.worker,
    ...(state === 'succeeded' ? { result: folded.result } : {}),
    ...(final && folded.unread !== undefined ? { reason: folded.unread } : {}),
    ...(folded.error === undefined || state === 'succeeded' ? {} : { error: folded.error }),
    submittedAt: batch.ctime,
    ...(dueAt === null ? {} : { dueAt }),
    ...(isFinal(state) ? {} : limitsOf(options, batch.ctime, folded, out !== null)),
    ...(out === null ? {} : startOf(out)),
    ...(final && isFinal(state) ? { finishedAt: folded.endedAt } : {}),
    client: header.client,
    history,
    ...(header.broadcast === undefined ? {} : forWhom(header.broadcast, index)),
    ...flowOf(header, index),
    ...(isErased(header, index) ? { erased: true as const } : {}),
  };
}

const forWhom = ({ id, workers }: BroadcastPart, index: number): Pick<TaskView, 'broadcast' | 'onlyWorker'> => ({
  broadcast: id,
  onlyWorker: workers[index] ?? '',
});

function flowOf(header: BatchHeader, index: number): Pick<TaskView, 'flow'> {
  const flow = stepOfTask(header, index);
  return flow === undefined ? {} : { flow };
}

const isErased = ({ erased = [] }: BatchHeader, index: number): boolean =>
  erased.some(([from, to]) => from <= index && index < to);

/** Pure: the view of a task of which only the existence is known. */
export function viewUnread({ id, ctime, queue, client, unread }: UnreadBatch, index: number): TaskView {
  const nothing = { attempt: 0, maxAttempts: 0, timeoutMs: null, retry: null, key: null, worker: null, history: [] };
  return {
    id: taskId(id, index),
    type: '?',
    queue,
    state: 'unreadable',
    ...nothing,
    submittedAt: ctime,
    reason: unread,
    client,
  };
}

/** Of a task that has not ended. Its time began with the submit, or with the last retry by hand. */
function limitsOf(
  { delayMs, expiresMs, deadlineMs }: TaskOptions,
  submittedAt: number,
  { progress, retriedAt }: Folded,
  isOut: boolean,
): Pick<TaskView, 'expiresAt' | 'deadlineAt'> {
  const from = retriedAt ?? submittedAt;
  const hasStarted = progress.attempt > 0 || isOut;
  return {
    ...(expiresMs === null || hasStarted ? {} : { expiresAt: from + (retriedAt === null ? delayMs : 0) + expiresMs }),
    ...(deadlineMs === null ? {} : { deadlineAt: from + deadlineMs }),
  };
}

function startOf({ at, running }: Out): Pick<TaskView, 'startedAt' | 'progress' | 'note'> {
  return {
    startedAt: running?.startedAt ?? at,
    ...(running?.progress === undefined ? {} : { progress: running.progress }),
    ...(running?.note === undefined ? {} : { note: running.note }),
  };
}

function stateOf(
  batch: StoredBatch,
  index: number,
  { verdict, progress, endedAt }: Folded,
  out: Out | null,
  now: number,
): { state: TaskState; dueAt: number | null } {
  if (verdict !== null && isFinal(verdict.state)) return { state: verdict.state, dueAt: null };
  // The last result cannot be read, but the batch's header tells how the task ended.
  const { finished, kept = [], cancelled = [] } = batch.header;
  if (finished !== undefined) {
    const isCancelled = finished.succeeded === 0 || cancelled.some(([from, to]) => from <= index && index < to);
    const other = isCancelled ? 'cancelled' : 'succeeded';
    return { state: kept.includes(index) ? 'failed' : other, dueAt: null };
  }
  if (out !== null) return { state: out.running === null ? 'assigned' : 'running', dueAt: null };
  if (verdict === null) {
    const dueAt = batch.ctime + optionsAt(batch.header.groups, index).delayMs;
    return dueAt > now ? { state: 'scheduled', dueAt } : { state: 'pending', dueAt: null };
  }
  const dueAt = endedAt + ('delayMs' in verdict ? verdict.delayMs : 0);
  if (verdict.state !== 'retrying' || dueAt <= now) return { state: 'pending', dueAt: null };
  // Before its first attempt it is later only because somebody set it so.
  return { state: progress.attempt === 0 ? 'scheduled' : 'retrying', dueAt };
}

function fold(batch: StoredBatch, index: number): Folded {
  const options = optionsAt(batch.header.groups, index);
  const id = taskId(batch.id, index);
  const folded: Folded = {
    progress: NO_PROGRESS,
    verdict: null,
    history: [],
    endedAt: 0,
    retriedAt: null,
    worker: null,
  };
  for (const { header, ctime, ends, unread } of batch.results) {
    const end = ends.get(index);
    if (end === undefined) continue;
    const { progress, verdict: before } = folded;
    const isOver = before !== null && isFinal(before.state);
    const verdict = foldEnd({ progress, isOver }, attemptEndOf(end, header), () => options, id);
    if (verdict === null) continue;
    folded.verdict = verdict;
    folded.progress = folded.verdict.progress;
    folded.endedAt = ctime;
    if (end.outcome === 'requeued') folded.retriedAt = ctime;
    folded.history.push(viewAttempt(end, header, ctime));
    if (end.outcome !== 'requeued' && header.leader !== true) folded.worker = workerName(header.worker);
    tellOutcome(folded, end);
    if (unread === undefined) delete folded.unread;
    else folded.unread = unread;
  }
  return folded;
}

function tellOutcome(folded: Folded, end: TaskEnd): void {
  if (end.line !== null && 'result' in end.line) folded.result = end.line.result;
  if (end.line !== null && 'winner' in end.line) folded.winner = end.line.winner;
  if (['failed', 'rejected', 'timed-out', 'later', 'lost', 'expired', 'exceeded', 'refused'].includes(end.outcome))
    folded.error = failureOf(end);
  if (end.outcome === 'requeued') delete folded.error;
}

function viewAttempt(
  { outcome, line }: TaskEnd,
  { attempt, worker, leader, by, reason }: ResultHeader,
  at: number,
): AttemptView {
  return {
    attempt,
    outcome,
    // The leader writes of tasks that no worker had.
    worker: leader === true ? null : workerName(worker),
    at,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    ...(line === null ? {} : { ms: line.ms }),
    ...(line !== null && 'error' in line ? { error: line.error } : {}),
    ...(line !== null && 'log' in line ? { log: line.log } : {}),
  };
}
