import { costOfSession } from '../faults.js';
import type { Effect } from '../history.js';
import type { TaskHistory } from '../task-history.js';
import { expiryMs, judgeStarts, type Run, type TaskRule } from './rule.js';

/** Tasks run at least once, and each start beyond the first must have a reason. */
export const startsExplained: TaskRule = {
  name: 'second starts are explained',
  says: 'between two starts the handler failed or timed out, or a fault can have cost the worker its session',
  needs: ['faults'],
  nothing: 'nothing began',
  judge: (task, run) =>
    judgeStarts(task, (before, next) =>
      isExplained(task, before, next, run)
        ? undefined
        : `attempt ${next.attempt} began after attempt ${before.attempt}, and no failure and no fault explains it`,
    ),
};

/** Whether something in the histories made `next` necessary after `before`. */
export function isExplained(task: TaskHistory, before: Effect, next: Effect, { faults, settings }: Run): boolean {
  const until = next.at + settings.clockErrorMs;
  // A failure after the next start is no reason for it: an attempt may fail because a newer one has begun.
  if (task.effects.some((effect) => isFailureOf(effect, before) && effect.at <= until)) return true;
  if (before.at + timeoutOf(task) <= until) return true;
  const span = { from: Math.min(before.at, next.at), to: Math.max(before.at, next.at) };
  return costOfSession(faults, before.worker, span, expiryMs(settings)) !== undefined;
}

const isFailureOf = ({ type, outcome, cause, token }: Effect, start: Effect): boolean =>
  String(token) === String(start.token) &&
  ((type === 'end' && outcome === 'failed') || (type === 'aborted' && cause === 'timed-out'));

/** The time limit of each attempt: a handler that ignores its signal, or computes, cannot log that it was aborted. */
function timeoutOf({ operations }: TaskHistory): number {
  return operations.find(({ timeoutMs }) => timeoutMs !== undefined)?.timeoutMs ?? Infinity;
}
