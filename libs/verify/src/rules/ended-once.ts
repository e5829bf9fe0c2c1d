import { acknowledgedAt, endsTold } from '../task-history.js';
import type { TaskRule } from './rule.js';

/** An unfinished task and a lost one look the same: the run has to wait for the ends of all that it submitted. */
export const endedOnce: TaskRule = {
  name: 'acknowledged tasks end once',
  says: 'who was told that a task is submitted is told its end, and nobody is told another one',
  needs: [],
  nothing: 'no submit was acknowledged',
  judge(task) {
    const ends = endsTold(task);
    const [first] = ends;
    const submitted = acknowledgedAt(task);
    if (first === undefined) {
      if (submitted === undefined) return 'unconcerned';
      return { at: submitted, what: 'it was acknowledged, and nobody was ever told its end' };
    }
    const other = ends.find(({ outcome }) => outcome !== first.outcome);
    if (other === undefined) return 'held';
    return { at: other.at, what: `it ended as ${first.outcome ?? ''}, and it ended as ${other.outcome ?? ''}` };
  },
};
