import { GROUP_OPTIONS, NAME_PATTERN, TYPE_PATTERN } from '@drover/core';
import { schemaOf } from '@drover/protocol';
import * as z from 'zod';
import { checkPlan } from './check-plan.js';
import { InvalidPlanError } from './errors.js';
import { FAILURE_POLICIES, PLAN_LIMITS, STEP_OPTION_FIELDS, type Plan, type Template } from './plan.js';

/** Letters, digits and `._?/-`, at most 128, beginning with a letter or digit. `child/step` is a step of a sub-flow. */
export const STEP_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._?/-]{0,127}$/;
const stepName = z.string().regex(STEP_PATTERN);
const label = z.string().min(1).max(64);
const type = z.string().regex(TYPE_PATTERN);
const positive = z.number().positive();
const count = z.number().int().nonnegative();
const path = z.array(z.union([z.string(), count]));
const template: z.ZodType<Template> = z.json();

const edge = z.union([
  z.strictObject({ step: stepName, is: label }),
  z.strictObject({
    step: stepName,
    on: z.enum(['succeeded', 'failed', 'ended']).optional(),
    must: z.literal(true).optional(),
    early: z.literal(true).optional(),
  }),
]);
const after = z.union([
  z.strictObject({ all: z.array(z.union([edge, z.strictObject({ any: z.array(edge).min(1) })])).min(1) }),
  z.strictObject({ any: z.array(z.union([edge, z.strictObject({ all: z.array(edge).min(1) })])).min(1) }),
]);

const optionShapes = Object.fromEntries(
  GROUP_OPTIONS.filter(({ field }) => (STEP_OPTION_FIELDS as readonly string[]).includes(field)).map(
    ({ field, shape }) => [field, schemaOf(shape).optional()],
  ),
);
const options = z.strictObject({ queue: z.string().regex(NAME_PATTERN).optional(), ...optionShapes }).optional();

const common = { after: after.optional(), mayFail: z.literal(true).optional(), finally: z.literal(true).optional() };
const steps = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('task'),
    type,
    input: template,
    options,
    labels: z.array(label).min(1).optional(),
    expand: stepName.optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('map'),
    type,
    items: z.union([
      z.strictObject({ step: stepName }),
      z.strictObject({ given: z.literal(true), from: template.optional() }),
      z.strictObject({ open: z.literal(true) }),
    ]),
    options,
    tolerate: z
      .union([z.strictObject({ items: count }), z.strictObject({ percent: z.number().min(0).max(100) })])
      .optional(),
    concurrency: count.min(1).optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('reduce'),
    type,
    over: stepName,
    arity: count.min(2).max(10_000),
    options,
  }),
  z.strictObject({ ...common, kind: z.literal('sleep'), ms: z.number().nonnegative() }),
  z.strictObject({ ...common, kind: z.literal('until'), at: z.union([z.number(), z.strictObject({ given: path })]) }),
  z.strictObject({
    ...common,
    kind: z.literal('signal'),
    answers: z.array(label).min(1).optional(),
    timeoutMs: positive.optional(),
    onTimeout: label.optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('flow'), of: z.array(stepName) }),
]);

const planSchema = z.strictObject({
  v: z.literal(1),
  name: z.string().regex(NAME_PATTERN),
  steps: z.record(stepName, steps),
  output: template.optional(),
  onFailure: z.enum(FAILURE_POLICIES).optional(),
  deadlineMs: positive.optional(),
  maxRuns: count.min(1).optional(),
});

/**
 * A plan from its text, checked as client and leader both check it. Throws `InvalidPlanError` that says what is wrong, of
 * which step, and what was expected.
 */
export function parsePlan(text: string): Plan {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > PLAN_LIMITS.bytes)
    throw new InvalidPlanError(
      '?',
      `it has ${bytes} bytes as JSON, ${PLAN_LIMITS.bytes} are allowed; let steps read large values from elsewhere`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidPlanError('?', `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InvalidPlanError(nameIn(value), `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a plan'}`);
  }
  const plan = parsed.data as unknown as Plan;
  checkPlan(plan);
  return plan;
}

const nameIn = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' ? value.name : '?';

/** The text of a plan, whose hash is its name. */
export const planText = (plan: Plan): string => JSON.stringify(plan);
