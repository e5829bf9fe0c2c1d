import type { TaskId } from '@drover/core';

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
