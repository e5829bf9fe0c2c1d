import { submitOf } from '../subjects.js';
import { startsOf } from '../task-history.js';
import { inMs, type TaskRule } from './rule.js';

/** ZooKeeper counts the delay from when it accepted the submit, which is not before somebody asked for it. */
export const delays: TaskRule = {
  name: 'delays are waited for',
  says: 'nothing begins before its delay is over',
  needs: [],
  nothing: 'no task with a delay began',
  judge(task, { settings }) {
    const { at, delayMs = 0 } = submitOf(task) ?? {};
    const [first] = startsOf(task);
    if (at === undefined || first === undefined || delayMs === 0) return 'unconcerned';
    const waitedMs = first.at - at;
    if (waitedMs + settings.clockErrorMs >= delayMs) return 'held';
    return { at: first.at, what: `it began ${inMs(waitedMs)} after it was asked for, its delay is ${inMs(delayMs)}` };
  },
};
