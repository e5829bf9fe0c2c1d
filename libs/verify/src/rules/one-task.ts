import type { TaskRule } from './rule.js';

/** A create that is tried again must not make a second task. */
export const oneTask: TaskRule = {
  name: 'one task a submit',
  says: 'everybody who names the id of a task names the same one',
  needs: [],
  nothing: 'no line has an id',
  judge({ operations, effects }) {
    let known: string | undefined;
    for (const { at, id } of [...operations, ...effects]) {
      if (id === undefined) continue;
      known ??= id;
      if (id !== known) return { at, what: `it is ${known}, and it is ${id}` };
    }
    return known === undefined ? 'unconcerned' : 'held';
  },
};
