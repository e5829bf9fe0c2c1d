import { costOfSession } from '../faults.js';
import type { Effect } from '../history.js';
import type { TaskHistory } from '../task-history.js';
import { expiryMs, judgeStarts, type Run, type TaskRule } from './rule.js';

/**
 * A worker that was stopped or cut off just before a start may begin an old attempt after a newer one has begun; other
 * systems refuse its writes by the token. Without such a fault of that worker an old attempt that begins late is a
 * violation.
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

/** A worker that stops hands back unfinished tasks: such an attempt does not count, and its number is used again. */
const wasHandedBack = (start: Effect, { effects }: TaskHistory): boolean =>
  effects.some(
    ({ type, cause, token }) => type === 'aborted' && cause === 'stopping' && String(token) === String(start.token),
  );

/**
 * Whether a worker that did not know yet that it had lost the task can have made this late start. Always true when no
 * history of faults is given.
 */
export function isZombie(start: Effect, lateSince: number, { given, faults, settings }: Run): boolean {
  if (!given.has('faults')) return true;
  const span = { from: Math.min(lateSince, start.at), to: start.at };
  return costOfSession(faults, start.worker, span, expiryMs(settings)) !== undefined;
}
