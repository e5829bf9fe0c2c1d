const DAY_MS = 86_400_000;

/**
 * How schedulers run where nobody says otherwise. The help, the configuration, the planner and its simulation all take
 * these, so that the simulated worlds run as production does.
 */
export const SCHEDULING_DEFAULTS = Object.freeze({
  /** Finished tasks that are kept, besides those of batches that are kept for their failed ones. */
  retainTasks: 100_000,
  retainMs: 7 * DAY_MS,
  /** Failed tasks that are kept. */
  retainDeadTasks: 100_000,
  retainDeadMs: 30 * DAY_MS,
  /** Nothing is removed younger. */
  retainAtLeastMs: 60_000,
  maxPendingTasks: 5_000_000,
  maxPendingBytes: 1024 * 1024 * 1024,
  /** Work that a worker is given ahead. */
  aheadMs: 50,
  /** After a timeout or cancel, before the work is revoked. */
  graceMs: 5_000,
});
