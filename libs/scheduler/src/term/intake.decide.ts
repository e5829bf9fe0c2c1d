import type { Load } from '@drover/planner';

/** What operators allow to be unfinished at a time. */
export interface IntakeLimits {
  maxTasks: number;
  /** Of payloads, as ZooKeeper holds them in memory. */
  maxBytes: number;
}

/** It opens again well below the limits: a system at its limit would close and open with every batch. */
const REOPEN_AT = 0.9;

/** Whether more tasks are taken, after it was `open` or not so far. */
export function decideIntake(open: boolean, { tasks, bytes }: Load, { maxTasks, maxBytes }: IntakeLimits): boolean {
  const share = open ? 1 : REOPEN_AT;
  return tasks <= maxTasks * share && bytes <= maxBytes * share;
}
