import type { Outcome, QueueSettings, RetryPolicy, TaskFailure, TaskId, TaskState } from '@drover/core';

/** What `drover get` shows. Times are milliseconds since 1970. */
export interface TaskView {
  id: TaskId;
  type: string;
  queue: string;
  state: TaskState;
  /** Number of the last attempt that began or may have begun; 0 before the first. */
  attempt: number;
  maxAttempts: number;
  timeoutMs: number | null;
  retry: RetryPolicy | null;
  key: string | null;
  /** Of the current or the last attempt; `null` before the first. */
  worker: string | null;
  /** When it succeeded. */
  result?: unknown;
  /** Why it failed, or why the last attempt did. */
  error?: TaskFailure;
  submittedAt: number;
  /** When it is due, while it is `scheduled` or `retrying`. */
  dueAt?: number;
  /** When the current attempt was handed out or, if it runs long enough to be known, began. */
  startedAt?: number;
  finishedAt?: number;
  /** 0 to 1, of the running attempt. */
  progress?: number;
  note?: string;
  /** Why it is still pending. */
  reason?: string;
  /** Who submitted it. */
  client: string;
  /** Earlier and last attempts, oldest first. */
  history: AttemptView[];
  /** Only where it was asked for, and still there. */
  payload?: unknown;
}

export interface AttemptView {
  attempt: number;
  outcome: Outcome;
  worker: string;
  /** When it was written. */
  at: number;
  /** How long the handler ran. */
  ms?: number;
  error?: TaskFailure;
}

export interface ListOptions {
  state?: TaskState | undefined;
  queue?: string | undefined;
  /** Default 100. */
  limit?: number | undefined;
}

export interface WorkerView {
  /** In paths: name and incarnation. */
  id: string;
  name: string;
  host: string;
  pid: number;
  version: string;
  startedAt: number;
  state: 'accepting' | 'draining';
  capacity: number;
  weight: number;
  /** Tasks that it works on: what is out at it, up to its capacity. */
  running: number;
  /** Tasks that are out at it. */
  assigned: number;
  types: string[];
  labels: Record<string, string>;
  /** Those that have run for a while. */
  tasks: { task: TaskId; attempt: number; startedAt: number; progress?: number; note?: string }[];
}

export interface SchedulerView {
  id: string;
  host: string;
  pid: number;
  version: string;
  startedAt: number;
  role: 'leader' | 'follower';
}

export interface TaskTally {
  scheduled: number;
  pending: number;
  running: number;
  retrying: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

export interface StatusView {
  leader: { id: string; epoch: number; host: string; pid: number } | null;
  schedulers: SchedulerView[];
  workers: WorkerView[];
  /** As the leader wrote it last (at most about a second ago while there is one); final states count what is kept. */
  tasks: TaskTally;
  queues: QueueView[];
  /** Types with pending tasks that no worker offers. */
  unservedTypes: string[];
  /** When the leader wrote the counts; `null`: never. */
  at: number | null;
}

export interface QueueView extends QueueSettings {
  name: string;
  pending: number;
  running: number;
}

/** What the leader says of a queue whose settings it changed. */
export interface QueueReply {
  /** The queue had tasks or settings before. `null`: the leader is of an earlier version and does not say. */
  known: boolean | null;
}

/** What became of one task of a cancel or a retry. */
export interface TaskReply {
  id: TaskId;
  ok: boolean;
  /** The state it is in now, or was found in. */
  state?: string;
  message?: string;
}
