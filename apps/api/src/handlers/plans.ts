import { readPlan } from '@drover/inspect';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';

export type Plan = Awaited<ReturnType<typeof readPlan>>;

/** By its hash. Rejects with `RecordError`, and as reads do. */
export const planOf = (hash: string, context: ApiContext): Promise<Plan> =>
  context.stored(context.zk().then((zk) => readPlan(zk, hash)));

/** Whether the step has no queue of its own, or one that the caller may see. */
export function isOfSeenQueue(plan: Plan, name: string, caller: Caller): boolean {
  const queue = queueOfStep(plan, name);
  return queue === null || sees(caller, queue);
}

/** Null: that of its run. */
export function queueOfStep(plan: Plan, name: string): string | null {
  const step = plan.steps[name];
  return (step !== undefined && 'options' in step ? step.options.queue : undefined) ?? null;
}

/** The inputs of steps, and what the flow gives, are payloads. */
export function withoutInputs({ output: _output, ...plan }: Plan): object {
  const steps = Object.entries(plan.steps).map(([name, step]) => {
    const bare = Object.entries(step).filter(([field]) => field !== 'input');
    const given = step.kind === 'map' && 'given' in step.items ? { items: { given: true } } : {};
    return [name, { ...Object.fromEntries(bare), ...given }] as const;
  });
  return { ...plan, steps: Object.fromEntries(steps) };
}
