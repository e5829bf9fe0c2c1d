import { besideEachOther, runOf } from '../attempts.js';
import type { SubjectRule } from './rule.js';

/** A task that failed and is tried again still counts: the next one waits for its last attempt. */
export const oneOfKey: SubjectRule = {
  name: 'one task of a key at a time',
  says: 'no task of a unique key begins before the earlier one has ended, with all its attempts',
  of: 'key',
  needs: [],
  nothing: 'no task with a unique mode began',
  judge({ tasks }, run) {
    const spans = tasks.flatMap((task) => runOf(task) ?? []);
    if (spans.length === 0) return 'unconcerned';
    const found = besideEachOther(spans, run);
    if (found === undefined) return 'held';
    const [earlier, later] = found;
    const what = `${later.task.task} began before ${earlier.task.task} had ended`;
    return { at: later.from, what, tasks: [earlier.task, later.task] };
  },
};
