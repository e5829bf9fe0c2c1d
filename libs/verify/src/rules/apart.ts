import { attemptsOf, besideEachOther, type Span } from '../attempts.js';
import { submitOf } from '../subjects.js';
import type { SubjectRule } from './rule.js';

export const apart: SubjectRule = {
  name: 'tasks stay apart',
  says: 'of tasks that are to be apart one runs at a time at workers with the same value of the label',
  of: 'group',
  needs: [],
  nothing: 'no task that is to be apart from others began at a worker whose labels are known',
  judge({ tasks }, run) {
    const byValue = new Map<string, Span[]>();
    for (const task of tasks)
      for (const attempt of attemptsOf(task)) {
        const value = attempt.start.labels?.[submitOf(task)?.apart?.by ?? ''];
        if (value !== undefined) byValue.set(value, [...(byValue.get(value) ?? []), attempt]);
      }
    for (const [value, attempts] of byValue) {
      const both = besideEachOther(attempts, run);
      if (both === undefined) continue;
      const [{ task }, later] = both;
      return {
        at: later.from,
        what: `${later.task.task} began at ${value} beside ${task.task}`,
        tasks: [task, later.task],
      };
    }
    return byValue.size === 0 ? 'unconcerned' : 'held';
  },
};
