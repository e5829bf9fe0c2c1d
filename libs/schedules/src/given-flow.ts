import { DroverError, InvalidArgumentError } from '@drover/core';
import { flowOf, parsePlan, prepareRun, type Flow, type Plan } from '@drover/flow';
import { planHash } from '@drover/protocol';
import { inside } from './parse-fields.js';

/**
 * A schedule as somebody gives it may have the flow itself, or its plan, where the stored one has the name of the flow and the
 * hash of its plan. Answers the schedule in the stored form, and the flow (`null`: it has none, or names it). Throws
 * `InvalidArgumentError` for a plan that cannot be run.
 */
export function withPlan(given: unknown): { given: unknown; flow: Flow | null } {
  const run = fieldOf(given, 'run');
  const of = fieldOf(run, 'flow');
  if (typeof of !== 'object' || of === null) return { given, flow: null };
  const flow = flowIn(of);
  const stored = { ...(run as object), flow: flow.name, plan: planHash(flow.text) };
  return { given: { ...(given as object), run: stored }, flow };
}

function flowIn(given: object): Flow {
  try {
    if (!('text' in given && 'plan' in given)) return flowOf(given as Plan);
    const { text } = given as Flow;
    const plan = parsePlan(text);
    return { name: plan.name, plan, text };
  } catch (error) {
    if (!(error instanceof DroverError)) throw error;
    throw new InvalidArgumentError('run.flow', `run.flow: ${error.message}`);
  }
}

const fieldOf = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;

/** Throws `InvalidArgumentError` where the plan wants something of the input that is not in it. */
export function checkInput(plan: Plan, input: unknown): void {
  inside('run', () => prepareRun(plan, input));
}
