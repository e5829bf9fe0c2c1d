import { touches, type Fault } from './faults.js';
import type { Run } from './rules/rule.js';
import { isHeldBack } from './subjects.js';
import { acknowledgedAt, startsOf, type TaskHistory } from './task-history.js';

/** The time from which a task could have begun, and its begin. */
export interface Wait {
  from: number;
  to: number;
}

/** `undefined`: it never began, or nobody knows since when it waited. */
export function waitOf(task: TaskHistory): Wait | undefined {
  const from = dueAtOf(task);
  const [first] = startsOf(task);
  return from === undefined || first === undefined ? undefined : { from, to: Math.max(from, first.at) };
}

/** Its acknowledgement, or the end of its delay. */
export function dueAtOf(task: TaskHistory): number | undefined {
  const at = acknowledgedAt(task);
  const delayMs = Math.max(0, ...task.operations.map(({ op, delayMs = 0 }) => (op === 'submit' ? delayMs : 0)));
  return at === undefined ? undefined : at + delayMs;
}

type Circumstances = Pick<Run, 'faults' | 'settings'>;

/** How long the task waited while there was no fault and no orderly stop; 0: there was one, or it waits for another reason. */
export function calmWaitOf(task: TaskHistory, circumstances: Circumstances): number {
  const wait = waitOf(task);
  if (wait === undefined || isHeldBack(task)) return 0;
  return orderlyIn(wait, circumstances) || faultIn(wait, circumstances) ? 0 : wait.to - wait.from;
}

/** Whether an orderly stop was underway at some moment. */
export function orderlyIn({ from, to }: Wait, { faults }: Circumstances): boolean {
  return faults.some((fault) => fault.orderly && touches(fault, from, to, 0));
}

/**
 * Whether another fault was under way at some moment of the wait, or so short before that the backlog may not be done
 * yet.
 */
export function faultIn({ from, to }: Wait, { faults, settings }: Circumstances): boolean {
  const backlogMs = settings.sessionTimeoutMs + settings.recoveryMs;
  const isFelt = ({ orderly, role }: Fault) => !orderly && role !== 'client';
  return faults.some((fault) => isFelt(fault) && touches(fault, from, to, backlogMs));
}
