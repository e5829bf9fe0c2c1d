import type { TaskId } from '@drover/core';

/** The leader's answer about a queue whose settings it changed. */
export interface QueueReply {
  /** The queue had tasks or settings before. `null`: the leader is of an earlier version and does not say. */
  known: boolean | null;
}

/** The outcome of a cancel, a retry or a change for one task. */
export interface TaskReply {
  id: TaskId;
  ok: boolean;
  /** The state it is in now, or was found in. */
  state?: string;
  message?: string;
  /** It goes on as this task: its priority or its queue was changed, or it was redriven to another queue. */
  moved?: TaskId;
}
