import { CONNECTION_DEFAULTS } from '@drover/core';

/** The bounds of the rules. Times in milliseconds. */
export interface Settings {
  /** The session timeout of schedulers and workers. */
  sessionTimeoutMs: number;
  /** ZooKeeper's `tickTime`: sessions may expire later by so much. */
  tickMs: number;
  /** How long after a cancel was acknowledged an attempt may still begin. */
  cancelBoundMs: number;
  /** The time of a recovery beyond the session timeout, until a leader leads and the throughput is back. */
  recoveryMs: number;
  /** The time, beyond session timeout and tick, until the next leader leads after a kill. */
  electionMs: number;
  /** The time without a leader after an orderly stop. */
  handoverMs: number;
  /** How much longer a task may wait during an orderly deploy than the longest wait in calm times. */
  deployWaitMs: number;
  /** The throughput is back at this part of what it was before the first fault. */
  throughputShare: number;
  /** How long a task may be on its way from its hand-out to its handler while nothing is done to the system. */
  handOutMs: number;
  /** So long after it was due each time of a schedule is decided, when nothing was done to the system before. */
  fireLagMs: number;
  /** By how much the wall clocks may differ: that of whoever sets schedules, ZooKeeper's and the leader's. */
  wallErrorMs: number;
  /** So long after its deadline the end of a task is told, when nothing is done to the system meanwhile. */
  endBoundMs: number;
  /** By this part of all the share of a tenant may differ from what its weight says. */
  shareError: number;
  /** By how much the clocks of the writers may differ; 0: they share one. */
  clockErrorMs: number;
}

export const DEFAULT_SETTINGS: Readonly<Settings> = Object.freeze({
  sessionTimeoutMs: CONNECTION_DEFAULTS.sessionTimeoutMs,
  tickMs: 2_000,
  cancelBoundMs: CONNECTION_DEFAULTS.sessionTimeoutMs,
  recoveryMs: 5_000,
  electionMs: 1_000,
  handoverMs: 300,
  deployWaitMs: 2_000,
  throughputShare: 0.5,
  handOutMs: 100,
  fireLagMs: 5_000,
  wallErrorMs: 1_000,
  endBoundMs: 5_000,
  shareError: 0.05,
  clockErrorMs: 0,
});

/**
 * The given settings, completed by the defaults. The default of `cancelBoundMs` is the session timeout: a worker that
 * cannot hear of the cancel begins nothing once its lease, which is shorter, has run out.
 */
export function resolveSettings(given: Partial<Settings>): Settings {
  const { sessionTimeoutMs = DEFAULT_SETTINGS.sessionTimeoutMs } = given;
  return { ...DEFAULT_SETTINGS, cancelBoundMs: sessionTimeoutMs, ...given };
}
