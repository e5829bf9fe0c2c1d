import { startsOf } from '../task-history.js';
import type { SubjectRule } from './rule.js';

/** Whether the names that a broadcast is for were all reached is no law: workers come and go. */
export const broadcastOnce: SubjectRule = {
  name: 'a broadcast is one task at each worker',
  says: 'of a broadcast each worker name has one task, which no other worker runs',
  of: 'broadcast',
  needs: [],
  nothing: 'no task of a broadcast began',
  judge({ tasks }) {
    const starts = tasks.flatMap((task) => startsOf(task).map((start) => ({ task, start })));
    if (starts.length === 0) return 'unconcerned';
    const taskOf = new Map<string, string>();
    const workerOf = new Map<string, string>();
    for (const { task, start } of starts.sort((a, b) => a.start.at - b.start.at)) {
      const { at, worker } = start;
      const id = start.id ?? task.task;
      const own = taskOf.get(worker) ?? id;
      if (own !== id) return { at, what: `${worker} ran ${own} and ${id} of it`, tasks: tasksOf(starts, own, id) };
      const owner = workerOf.get(id) ?? worker;
      if (owner !== worker)
        return { at, what: `${id}, the task of ${owner}, began at ${worker}`, tasks: tasksOf(starts, id) };
      taskOf.set(worker, id);
      workerOf.set(id, worker);
    }
    return 'held';
  },
};

function tasksOf<Task extends { task: string }>(
  starts: readonly { task: Task; start: { id?: string | undefined } }[],
  ...ids: string[]
): Task[] {
  return [...new Set(starts.filter(({ task, start }) => ids.includes(start.id ?? task.task)).map(({ task }) => task))];
}
