import { toLines } from '../task-history.js';
import type { RunRule } from './rule.js';

export const znodesBack: RunRule = {
  name: 'znodes are back where they began',
  says: 'the last count of znodes is not above the first',
  needs: ['samples'],
  nothing: 'fewer than two samples count znodes',
  judge({ samples }) {
    const counted = samples.filter(({ znodes }) => znodes !== undefined);
    const [first, last] = [counted[0], counted.at(-1)];
    if (first === undefined || last === undefined || first === last) return { checked: 0, violations: [] };
    const more = (last.znodes ?? 0) - (first.znodes ?? 0);
    if (more <= 0) return { checked: counted.length, violations: [] };
    const what = `${more} more znodes at the end (${last.znodes ?? 0}) than at the beginning (${first.znodes ?? 0})`;
    const violation = { at: last.at, what, history: toLines('samples', [first, ...counted.slice(1).slice(-10)]) };
    return { checked: counted.length, violations: [violation] };
  },
};
