import { LIMITS } from '@drover/core';
import type { Load } from '@drover/planner';
import type { IntakeCode } from '@drover/protocol';

/** The operators' limits on unfinished tasks. */
export interface IntakeLimits {
  maxTasks: number;
  /** Of payloads, as ZooKeeper holds them in memory. */
  maxBytes: number;
  /** Distinct queues, or types, of unfinished tasks. Default: `LIMITS.names`. */
  maxNames?: number;
}

/** `open: false` says why, as a code and as a sentence for people. */
export type IntakeState = { open: true } | { open: false; code: IntakeCode; reason: string };

/** It opens again well below the limits: a system at its limit would close and open with every batch. */
const REOPEN_AT = 0.9;

/** Whether more tasks are accepted, after they were (`wasOpen`) or not so far. `full`: ZooKeeper's quota is used up. */
export function decideIntake(wasOpen: boolean, full: boolean, load: Load, limits: IntakeLimits): IntakeState {
  if (full)
    return {
      open: false,
      code: 'quota',
      reason: "ZooKeeper's quota is used up; free space there, or raise the quota",
    };
  const share = wasOpen ? 1 : REOPEN_AT;
  const { maxTasks, maxBytes, maxNames = LIMITS.names } = limits;
  const { tasks, bytes, names } = load;
  if (tasks > maxTasks * share) return closed('tasks', `${show(tasks)} tasks are unfinished`, maxTasks);
  if (bytes > maxBytes * share)
    return closed('bytes', `unfinished tasks have ${show(bytes)} bytes of payload`, maxBytes);
  if (names > maxNames * share)
    return closed('names', `unfinished tasks name ${show(names)} different queues or types`, maxNames);
  return { open: true };
}

function closed(code: IntakeCode, what: string, limit: number): IntakeState {
  return { open: false, code, reason: `${what}, the limit is ${show(limit)}` };
}

const show = (value: number): string => value.toLocaleString('en-US');
