import type { Effect, Operation } from '../history.js';
import { isMade } from '../subjects.js';
import type { TaskHistory } from '../task-history.js';
import { isZombie } from './attempts-grow.js';
import { inMs, type Finding, type Run, type TaskRule } from './rule.js';

export const wantedEffects: TaskRule = {
  name: 'no unwanted effect',
  says: 'nothing begins that nobody submitted, nor later than the bound after its cancel was acknowledged',
  needs: [],
  nothing: 'nothing began',
  judge(task, run) {
    const { clockErrorMs } = run.settings;
    const starts = task.effects.filter(({ type }) => type === 'start');
    const [first] = starts;
    if (first === undefined) return 'unconcerned';
    const submit = submitOf(task);
    // Other rules say whether it should have been made.
    if (isMade(task)) return afterCancel(task, starts, run) ?? 'held';
    if (submit === undefined) return { at: first.at, what: 'it began, and nobody submitted it' };
    if (first.at + clockErrorMs < submit.at) return { at: first.at, what: 'it began before it was submitted' };
    return afterCancel(task, starts, run) ?? 'held';
  },
};

function afterCancel(task: TaskHistory, starts: readonly Effect[], run: Run): Finding | undefined {
  const { clockErrorMs, cancelBoundMs } = run.settings;
  const cancelled = task.operations.find(({ op, type }) => op === 'cancel' && type === 'ok')?.at;
  if (cancelled === undefined) return undefined;
  const limit = cancelled + cancelBoundMs + clockErrorMs;
  const late = starts.find((start) => start.at > limit && !isZombie(start, limit, run));
  if (late === undefined) return undefined;
  const afterMs = late.at - cancelled;
  return { at: late.at, what: `it began ${inMs(afterMs)} after its cancel, the bound is ${inMs(cancelBoundMs)}` };
}

/** The first sign of a submit that may have done something; as many calls that surely failed as were made are none. */
function submitOf({ operations }: TaskHistory): Operation | undefined {
  const submits = operations.filter(({ op }) => op === 'submit');
  const countOf = (wanted: Operation['type']) => submits.filter(({ type }) => type === wanted).length;
  const isPossible = countOf('ok') + countOf('info') > 0 || countOf('invoke') > countOf('fail');
  return isPossible ? submits.find(({ type }) => type !== 'fail') : undefined;
}
