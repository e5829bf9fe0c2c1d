import { submitOf } from './subjects.js';
import { acknowledgedAt, type TaskHistory } from './task-history.js';

/**
 * The place of a submit among others. ZooKeeper ordered them by zxid; where that was not written down, only two of which
 * one was acknowledged before the other was asked for are known to be in order.
 */
export interface Place {
  zxid: bigint | undefined;
  /** In its batch, by the id of the task. */
  index: number;
  askedAt: number;
  /** `Infinity`: it never was. */
  acknowledgedAt: number;
}

export function placeOf(task: TaskHistory): Place {
  const known = task.operations.find(({ op, type, zxid }) => op === 'submit' && type === 'ok' && zxid !== undefined);
  const id = [...task.operations, ...task.effects].find((line) => line.id !== undefined)?.id;
  return {
    zxid: known?.zxid === undefined ? undefined : BigInt(known.zxid),
    index: Number(/\.(\d+)$/.exec(id ?? '')?.[1] ?? 0),
    askedAt: submitOf(task)?.at ?? -Infinity,
    acknowledgedAt: acknowledgedAt(task) ?? Infinity,
  };
}

/** Whether `a` was certainly submitted before `b`. */
export function isBefore(a: Place, b: Place): boolean {
  if (a.zxid === undefined || b.zxid === undefined) return a.acknowledgedAt < b.askedAt;
  return a.zxid === b.zxid ? a.index < b.index : a.zxid < b.zxid;
}
