import { failing, type Where } from '@drover/core';
import { submitOf } from '../subjects.js';
import { startsOf } from '../task-history.js';
import type { TaskRule } from './rule.js';

export const rightPlaces: TaskRule = {
  name: 'tasks run where they ask to',
  says: 'the labels of the worker meet the conditions of each task that begins there',
  needs: [],
  nothing: 'no task with conditions began at a worker whose labels are known',
  judge(task) {
    const where = submitOf(task)?.where as Where | undefined;
    const starts = startsOf(task).filter(({ labels }) => labels !== undefined);
    if (where === undefined || starts.length === 0) return 'unconcerned';
    for (const { at, worker, labels = {} } of starts) {
      const not = failing(where, labels);
      if (not.length > 0)
        return { at, what: `began at ${worker}, which does not meet its condition on ${not.join(', ')}` };
    }
    return 'held';
  },
};
