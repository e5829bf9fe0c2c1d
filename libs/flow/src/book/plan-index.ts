import { predecessorsOf } from '../edges.js';
import { InvalidPlanError } from '../errors.js';
import { parsePlan } from '../parse-plan.js';
import type { Plan, Step } from '../plan.js';
import { referencesIn } from '../references.js';

/** A step of a plan with all that is asked of it again and again. Steps are named by their place in the plan. */
export interface StepIndex {
  readonly name: string;
  readonly step: Step;
  /** Steps that it waits for, and steps that wait for it; each once. */
  readonly before: readonly number[];
  readonly next: readonly number[];
  /** Steps whose results its input refers to, and maps all of whose results its handler reads. */
  readonly refers: readonly number[];
  readonly reads: readonly number[];
  readonly knowsOutcome: boolean;
}

export interface PlanIndex {
  readonly hash: string;
  readonly plan: Plan;
  readonly steps: readonly StepIndex[];
  readonly at: ReadonlyMap<string, number>;
  /** The steps so that each comes after those that it waits for. */
  readonly order: readonly number[];
  /** Steps whose results the output refers to. */
  readonly output: readonly number[];
}

/** Throws `InvalidPlanError`. */
export function indexPlan(hash: string, text: string): PlanIndex {
  const plan = parsePlan(text);
  const entries = Object.entries(plan.steps);
  const at = new Map(entries.map(([name], index) => [name, index]));
  const places = (names: Iterable<string>): number[] => [...new Set(names)].map((name) => at.get(name) ?? -1);
  const before = entries.map(([, { after }]) => places(predecessorsOf(after)));
  const next = entries.map((): number[] => []);
  for (const [index, each] of before.entries()) for (const from of each) next[from]?.push(index);
  const steps = entries.map(([name, step], index): StepIndex => {
    const references = step.kind === 'task' ? [...referencesIn(step.input)] : [];
    const named = (kind: string): number[] =>
      places(references.flatMap((each) => (each.kind === kind && 'step' in each ? [each.step] : [])));
    return {
      name,
      step,
      before: before[index] ?? [],
      next: next[index] ?? [],
      refers: named('step'),
      reads: named('items'),
      knowsOutcome: references.some(({ kind }) => kind === 'outcome'),
    };
  });
  const output = places([...referencesIn(plan.output ?? null)].flatMap((each) => ('step' in each ? [each.step] : [])));
  return { hash, plan, steps, at, order: inOrder(steps), output };
}

/** A message for people: why a plan cannot be run. Any other error is a fault of this program. */
export function whyInvalid(error: unknown): string {
  if (error instanceof InvalidPlanError) return error.message;
  throw error;
}

function inOrder(steps: readonly StepIndex[]): number[] {
  const left = steps.map(({ before }) => before.length);
  const order = left.flatMap((count, index) => (count === 0 ? [index] : []));
  for (const at of order)
    for (const next of steps[at]?.next ?? []) {
      const count = (left[next] ?? 0) - 1;
      left[next] = count;
      if (count === 0) order.push(next);
    }
  return order;
}
