import { costOfSession } from '../faults.js';
import type { Effect } from '../history.js';
import type { TaskHistory } from '../task-history.js';
import { expiryMs, judgeStarts, type Run, type TaskRule } from './rule.js';

/**
 * A worker that was stopped or cut off between the decision to begin and the begin may begin an old attempt after a newer
 * one: that is what tokens are for. Without a fault of that worker it is none of these.
 */
export const attemptsGrow: TaskRule = {
  name: 'attempts and tokens grow',
  says: 'no two starts share a token, attempts grow with the tokens, and both with the time',
  needs: [],
  nothing: 'nothing began',
  judge: (task, run) => judgeStarts(task, (before, next) => disorder(before, next, task, run)),
};

function disorder(before: Effect, next: Effect, task: TaskHistory, run: Run): string | undefined {
  const [older, newer] = [`attempt ${before.attempt}`, `attempt ${next.attempt}`];
  if (BigInt(before.token) === BigInt(next.token)) return `${older} and ${newer} began with the same token`;
  if (next.attempt < before.attempt) return `${newer} has a greater token than ${older}`;
  if (next.attempt === before.attempt && !wasHandedBack(before, task)) return `${newer} began twice`;
  if (next.at + run.settings.clockErrorMs >= before.at || isZombie(before, next.at, run)) return undefined;
  return `${older} began after ${newer}, and no fault of ${before.worker} explains it`;
}

/** A worker that stops hands back what it could not wait for: that attempt counts as none and its number is used again. */
const wasHandedBack = (start: Effect, { effects }: TaskHistory): boolean =>
  effects.some(
    ({ type, cause, token }) => type === 'aborted' && cause === 'stopping' && String(token) === String(start.token),
  );

/** Whether a start that came too late can be of a worker that did not know it yet. Who gave no faults is believed. */
export function isZombie(start: Effect, lateSince: number, { given, faults, settings }: Run): boolean {
  if (!given.has('faults')) return true;
  const span = { from: Math.min(lateSince, start.at), to: start.at };
  return costOfSession(faults, start.worker, span, expiryMs(settings)) !== undefined;
}
