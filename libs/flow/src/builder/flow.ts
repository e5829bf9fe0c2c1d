import { checkOptions, InvalidArgumentError, oneOf, parseDuration, parseName, type Duration } from '@drover/core';
import { InvalidPlanError } from '../errors.js';
import { parsePlan, planText } from '../parse-plan.js';
import { FAILURE_POLICIES, type FailurePolicy, type Plan } from '../plan.js';
import { FlowBuilder, type AnyStepTypes, type StepTypes } from './flow-builder.js';
import { toTemplate } from './references.js';

/** A flow that can be started: its plan, checked. */
export interface Flow<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly plan: Plan;
  /** The plan as JSON, as it stands in ZooKeeper. */
  readonly text: string;
  /** Only for the types: never there. */
  readonly types?: { readonly input: Input; readonly output: Output };
}

export interface FlowOptions {
  /** The consequence for a run when a step fails that may not. Default `continue`: what does not depend on it goes on. */
  onFailure?: FailurePolicy;
  /** Of a run, from its start. Default: none. */
  deadline?: Duration;
  /** So many runs are under way at a time; others wait, in the order of their starts. Default: any number. */
  maxRuns?: number;
}

/**
 * Declares a flow. `build` is called once, at once, and declares the steps; what it returns is the result of a run: a
 * reference, or a value with references in it. Throws `InvalidPlanError` for a plan that cannot be run, and
 * `InvalidArgumentError` for an argument of a step.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- without types any input and any result is accepted
export function flow<Input = any, Output = any, Types extends StepTypes<Types> = AnyStepTypes>(
  name: string,
  build: (f: FlowBuilder<Input, Types>) => unknown,
  options: FlowOptions = {},
): Flow<Input, Output> {
  parseName('flow', name);
  checkOptions(options, ['onFailure', 'deadline', 'maxRuns']);
  const builder = new FlowBuilder<Input, Types>();
  const returned = build(builder);
  if (returned instanceof Promise)
    throw new InvalidArgumentError(
      'build',
      'an async function',
      'a function that returns at once: it only declares steps',
    );
  const output = toTemplate(returned, 'output', new Set());
  const { onFailure, deadline, maxRuns } = options;
  const plan: Plan = {
    ...{ v: 1, name, steps: builder.steps() },
    ...(output !== null && { output }),
    ...(onFailure !== undefined && { onFailure: parsePolicy(onFailure) }),
    ...(deadline !== undefined && { deadlineMs: parseDuration('deadline', deadline) }),
    ...(maxRuns !== undefined && { maxRuns }),
  };
  return flowOf(plan);
}

/** The flow of a plan that is there already. Throws `InvalidPlanError`. */
export function flowOf<Input, Output>(plan: Plan): Flow<Input, Output> {
  const text = planText(plan);
  try {
    return { name: plan.name, plan: parsePlan(text), text };
  } catch (error) {
    throw error instanceof InvalidPlanError ? new InvalidPlanError(plan.name, error.why) : error;
  }
}

const parsePolicy = (given: unknown): FailurePolicy => oneOf('onFailure', given, FAILURE_POLICIES);
