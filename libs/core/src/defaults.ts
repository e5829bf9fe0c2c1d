const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;

/**
 * Defaults of processes. Configuration, help, clients, workers, the planner and its simulation all take them from here,
 * so that simulated worlds and embedded programs run as production does.
 */
export const CONNECTION_DEFAULTS = Object.freeze({
  /** Servers without a chroot: the chroot then is `/drover`. */
  servers: '127.0.0.1:2181',
  /** The session timeout of schedulers, workers and commands. */
  sessionTimeoutMs: 6_000,
  /** The session timeout of a client inside another program, whose event loop may be busy for a while. */
  clientSessionTimeoutMs: 10_000,
  /** A start that does not reach ZooKeeper fails after this long. */
  connectTimeoutMs: 10_000,
  /** A command that gets no answer of a leader fails after this long. */
  commandTimeoutMs: 10_000,
});

/** The grounds on which tasks that allow it make room for others; each includes those before it. */
export const PREEMPT_GROUNDS = ['off', 'priority', 'reclaim', 'fair'] as const;
export type PreemptGround = (typeof PREEMPT_GROUNDS)[number];

/** The measures by which accounts share: the resources that they hold, or only how many places their tasks have. */
export const FAIRNESS_MEASURES = ['tasks', 'resources'] as const;
export type FairnessMeasure = (typeof FAIRNESS_MEASURES)[number];

export const SCHEDULING_DEFAULTS = Object.freeze({
  strategy: 'least-loaded',
  /** The number of finished tasks that are kept, besides those of batches that are kept for their failed ones. */
  retainTasks: 100_000,
  retainMs: 7 * DAY_MS,
  /** Failed tasks that are kept. */
  maxClockSkewMs: 60_000,
  retainDeadTasks: 100_000,
  retainDeadMs: 30 * DAY_MS,
  /** No batch is removed earlier than this after its end. */
  retainAtLeastMs: 60_000,
  maxPendingTasks: 5_000_000,
  maxPendingBytes: 1024 * MIB,
  /** The time for which a worker has tasks ahead of those that it runs. */
  aheadMs: 50,
  /** Within a tenant a task goes first that has waited so long for each level of priority below the highest. */
  agingMs: 60_000,
  /** The measure of what accounts hold. */
  fairness: 'resources',
  /** Resources that this measure leaves out. */
  fairnessExclude: [] as readonly string[],
  /** Half-life of what is remembered of the shares of accounts; 0: nothing is. */
  fairnessMemoryMs: 0,
  /** A class of tasks that has had no room for so long gets the room of a worker; 0: never. */
  reserveAfterMs: 10_000,
  /** After a timeout or cancel, before the work is revoked. */
  graceMs: 5_000,
  /** On which grounds tasks that allow it are asked to make room for others. */
  preempt: 'reclaim',
  /** Tasks that find no room wait so long before others make room for them. */
  preemptAfterMs: 30_000,
  /** The time that a task has to make room. */
  preemptGraceMs: 30_000,
  /** After so many times a task is not asked to make room any more. */
  maxPreemptions: 5,
  /** A speculative task is slow after so many times the median of its type. */
  speculateAfter: 1.5,
  /** The part of the attempts that are out which may be copies; 0: there are none. */
  speculateShare: 0.1,
});

export const WORKER_DEFAULTS = Object.freeze({
  /** The number of tasks that a worker runs at the same time. */
  capacity: 8,
  /** The worker's share of the tasks, with the strategy `weighted`. */
  weight: 1,
  /** How long running tasks may go on after `stop`. */
  stopTimeoutMs: 30_000,
  /** How long a task that was aborted may take to end. It is less than `SCHEDULING_DEFAULTS.graceMs`. */
  abortGraceMs: 2_000,
  /** How long the event loop of the thread of io handlers may be blocked. */
  blockedAfterMs: 10_000,
  /** About the memory for the data of batches, which a worker keeps. */
  cacheBytes: 32 * MIB,
  /** Addresses that `http` tasks may reach. */
  httpPolicy: 'public',
});
