import { attemptsOf, mayBeLate, mayBeZombie, type Span } from '../attempts.js';
import { stepOf, submitOf } from '../subjects.js';
import type { TaskHistory } from '../task-history.js';
import type { Run, SubjectFinding, SubjectRule } from './rule.js';

/** A task of a step, and its attempts. */
interface StepTask {
  task: TaskHistory;
  step: string;
  /** Its step, item and generation. */
  name: string;
  generation: number;
  attempts: Span[];
  /** When it began. */
  from: number;
}

export const stepsInOrder: SubjectRule = {
  name: 'steps run in order, each once',
  says: 'a step of a run is one task in each generation, and begins when all tasks of the steps that it waits for have ended',
  of: 'run',
  needs: [],
  nothing: 'no step of a run began',
  judge({ tasks }, run) {
    const steps = tasks.flatMap(stepTaskOf);
    if (steps.length === 0) return 'unconcerned';
    const after = tasks.map((task) => submitOf(task)?.flow?.after).find((given) => given !== undefined) ?? {};
    return twice(steps) ?? tooEarly(steps, after, run) ?? 'held';
  },
};

function stepTaskOf(task: TaskHistory): StepTask[] {
  const place = stepOf(task);
  const attempts = attemptsOf(task);
  if (place === undefined || attempts.length === 0) return [];
  const { step, index, generation } = place;
  const name = `${step}${index === undefined ? '' : ` #${index}`}${generation === 0 ? '' : `, generation ${generation}`}`;
  return [{ task, step, name, generation, attempts, from: Math.min(...attempts.map(({ from }) => from)) }];
}

function twice(steps: readonly StepTask[]): SubjectFinding | undefined {
  const known = new Map<string, { id: string; one: StepTask }>();
  for (const one of steps.toSorted((a, b) => a.from - b.from))
    for (const { id, at } of one.task.effects) {
      if (id === undefined) continue;
      const before = known.get(one.name);
      if (before !== undefined && before.id !== id)
        return {
          at,
          what: `${one.name} ran as ${before.id} and as ${id}`,
          tasks: [...new Set([before.one.task, one.task])],
        };
      known.set(one.name, { id, one });
    }
  return undefined;
}

/** A later generation of a step that it waits for is none of its business. */
function tooEarly(
  steps: readonly StepTask[],
  after: Readonly<Record<string, readonly string[]>>,
  run: Run,
): SubjectFinding | undefined {
  for (const one of steps)
    for (const other of steps) {
      if (after[one.step]?.includes(other.step) !== true || other.generation > one.generation) continue;
      const open = other.attempts.find((attempt) => isOpen(attempt, one.from, run));
      if (open === undefined) continue;
      const how = open.from > one.from ? 'began' : 'had ended';
      return { at: one.from, what: `${one.name} began before ${other.name} ${how}`, tasks: [other.task, one.task] };
    }
  return undefined;
}

/** It had not ended at that time, or begins later, and its worker had not lost it. */
function isOpen(attempt: Span, at: number, run: Run): boolean {
  const { clockErrorMs } = run.settings;
  if (attempt.to <= at + clockErrorMs) return false;
  if (attempt.from > at + clockErrorMs) return !mayBeLate(attempt, run);
  return !mayBeZombie(attempt, at, run);
}
