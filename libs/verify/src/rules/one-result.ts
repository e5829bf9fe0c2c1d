import { isDeepStrictEqual } from 'node:util';
import type { Effect, Operation } from '../history.js';
import { submitOf } from '../subjects.js';
import { endsTold, startsOf, type TaskHistory } from '../task-history.js';
import type { Finding, TaskRule } from './rule.js';

/** The accepted result is that of the last attempt, which began and ended. */
export const oneResult: TaskRule = {
  name: 'one accepted result',
  says: 'all are told the same result; its attempt began and ended, and none began that is newer',
  needs: [],
  nothing: 'nobody was told an end',
  judge(task, { settings }) {
    const told = endsTold(task);
    const [first] = told;
    if (first === undefined) return 'unconcerned';
    // Its steps ran.
    if (submitOf(task)?.flow !== undefined) return disagreement(told) ?? 'held';
    // Another task ran in its place: its attempts are that task's.
    if (told.some(({ by }) => by !== undefined && by !== task.task)) return disagreement(told) ?? 'held';
    return (
      disagreement(told) ??
      (first.outcome === 'succeeded' ? unfounded(first, task, settings.clockErrorMs) : undefined) ??
      overtaken(told, task) ??
      'held'
    );
  },
};

function disagreement(told: readonly Operation[]): Finding | undefined {
  for (const field of ['outcome', 'attempt', 'value'] as const) {
    const known = told.filter((end) => end[field] !== undefined);
    const other = known.find((end) => !isDeepStrictEqual(end[field], known[0]?.[field]));
    if (other !== undefined)
      return { at: other.at, what: `told ${field} ${show(known[0]?.[field])}, and ${field} ${show(other[field])}` };
  }
  return undefined;
}

/** A success that no attempt of the effects can have brought about. */
function unfounded(told: Operation, { effects }: TaskHistory, clockErrorMs: number): Finding | undefined {
  const { at, attempt, value } = told;
  const which = attempt === undefined ? 'no attempt' : `attempt ${attempt}, which never`;
  const ends = effects.filter((effect) => isSuccess(effect) && (attempt === undefined || effect.attempt === attempt));
  if (ends.length === 0) return { at, what: `told that it succeeded, by ${which} came to a good end` };
  const begun = ends.filter((end) => effects.some((effect) => isBeginOf(effect, end)));
  if (begun.length === 0) return { at, what: `told that it succeeded, by ${which} began` };
  if (begun.every((end) => end.at > at + clockErrorMs))
    return { at, what: 'told that it succeeded before it had ended' };
  const differs = begun.every((end) => end.value !== undefined && !isDeepStrictEqual(end.value, value));
  if (value === undefined || !differs) return undefined;
  return { at, what: `told the value ${show(value)}, its handler returned ${show(begun[0]?.value)}` };
}

/** The accepted attempt is the last that was ever handed out. */
function overtaken(told: readonly Operation[], task: TaskHistory): Finding | undefined {
  const accepted = acceptedAttempt(told, task);
  const newer = startsOf(task).find(({ attempt }) => attempt > accepted);
  if (newer === undefined) return undefined;
  return { at: newer.at, what: `attempt ${accepted} was accepted, and attempt ${newer.attempt} began` };
}

/** The accepted attempt; if the histories do not say which, the newest that it can be. `Infinity`: it may be any. */
function acceptedAttempt(told: readonly Operation[], { effects }: TaskHistory): number {
  const ends = told.filter(({ outcome }) => outcome !== 'cancelled');
  const known = ends.find(({ attempt }) => attempt !== undefined)?.attempt;
  if (known !== undefined) return known;
  const isSucceeded = ends.some(({ outcome }) => outcome === 'succeeded');
  return isSucceeded ? Math.max(...effects.filter(isSuccess).map(({ attempt }) => attempt)) : Infinity;
}

const isSuccess = ({ type, outcome }: Effect): boolean => type === 'end' && outcome !== 'failed';
const isBeginOf = (effect: Effect, end: Effect): boolean =>
  effect.type === 'start' && effect.attempt === end.attempt && String(effect.token) === String(end.token);
const show = (value: unknown): string => JSON.stringify(value).slice(0, 80);
