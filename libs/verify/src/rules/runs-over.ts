import { isDeepStrictEqual } from 'node:util';
import { mayBeLate } from '../attempts.js';
import { submitOf, stepOf } from '../subjects.js';
import { endsTold, startsOf } from '../task-history.js';
import type { SubjectRule } from './rule.js';

export const runsOver: SubjectRule = {
  name: 'a run that has ended is over',
  says: 'nothing of a run begins after a client was told its end, unless it is retried, and its result is what its steps gave',
  of: 'run',
  needs: [],
  nothing: 'nobody was told the end of a run',
  judge({ tasks }, run) {
    const own = tasks.find((task) => submitOf(task)?.flow !== undefined);
    const [told] = own === undefined ? [] : endsTold(own);
    if (own === undefined || told === undefined) return 'unconcerned';
    const expected = submitOf(own)?.flow?.expects;
    const { at, outcome, value } = told;
    if (outcome === 'succeeded' && expected !== undefined && !isDeepStrictEqual(value, expected)) {
      const what = `told the result ${JSON.stringify(value)}, its steps give ${JSON.stringify(expected)}`;
      return { at, what, tasks: [own] };
    }
    if (own.operations.some(({ op, type }) => op === 'retry' && type !== 'fail')) return 'held';
    for (const task of tasks) {
      if (stepOf(task) === undefined) continue;
      const late = startsOf(task).find(
        (start) =>
          start.at > at + run.settings.clockErrorMs && !mayBeLate({ worker: start.worker, from: start.at }, run),
      );
      if (late !== undefined)
        return { at: late.at, what: `${task.task} began after its run had ${outcome ?? 'ended'}`, tasks: [own, task] };
    }
    return 'held';
  },
};
