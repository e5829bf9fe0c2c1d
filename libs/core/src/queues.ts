export interface QueueSettings {
  paused: boolean;
  /** Higher goes first. */
  priority: number;
  /** Share among queues of the same priority. */
  weight: number;
  /** At most so many tasks out at a time; `null`: no limit. */
  maxRunning: number | null;
}

/** Of a queue that has none of its own. */
export const DEFAULT_QUEUE_SETTINGS: Readonly<QueueSettings> = Object.freeze({
  paused: false,
  priority: 0,
  weight: 1,
  maxRunning: null,
});
