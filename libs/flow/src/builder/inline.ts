import { InvalidArgumentError } from '@drover/core';
import { innerOf, partsOf, predecessorsOf } from '../edges.js';
import type { After, Edge, Plan, Step, Template } from '../plan.js';
import { referenceOf, referencesIn, replaceReferences } from '../references.js';
import { navigate } from './references.js';

interface Inlined {
  readonly steps: [name: string, step: Step][];
  /** Of the sub-flow, with the names that its steps have here. */
  readonly output: Template;
}

/**
 * The steps of a sub-flow as steps of the flow around it. `name/.begin` stands for its beginning: the steps that wait for nothing
 * wait for it, and its steps of `finally` must not run where it was skipped. `name` stands for its end.
 */
export function inline(part: {
  readonly name: string;
  readonly plan: Plan;
  /** Refers to the flow around it. */
  readonly input: Template;
  readonly common: { readonly after?: After; readonly mayFail?: true };
}): Inlined {
  const { name, plan, input, common } = part;
  const begin = `${name}/.begin`;
  const rename = (step: string): string => `${name}/${step}`;
  const template = (inner: Template): Template =>
    replaceReferences(inner, (reference) => {
      switch (reference.kind) {
        case 'step':
          return { $step: rename(reference.step), at: reference.at };
        case 'items':
          return { $items: rename(reference.step) };
        case 'input':
          return navigate(input, reference.at);
        case 'outcome':
          return undefined;
      }
    });
  const mayFail = common.mayFail === true ? { mayFail: true as const } : {};
  const steps = Object.entries(plan.steps).map(([inner, step]): [string, Step] => {
    const after = afterIn(step, rename, begin);
    return [rename(inner), { ...innerStep(`${name}/${inner}`, step, { rename, template, input }), after, ...mayFail }];
  });
  const entries = Object.entries(plan.steps);
  const awaited = new Set(entries.flatMap(([, { after }]) => predecessorsOf(after)));
  const sinks = entries
    .filter(([inner]) => !awaited.has(inner))
    .map(([inner]): Edge => ({ step: rename(inner), on: 'ended' }));
  const of = entries.filter(([, step]) => step.mayFail !== true).map(([inner]) => rename(inner));
  return {
    steps: [
      [begin, { kind: 'flow', of: [], ...common }],
      ...steps,
      [name, { kind: 'flow', of, after: { all: sinks }, ...mayFail }],
    ],
    output: template(plan.output ?? null),
  };
}

function afterIn({ after, finally: isFinally }: Step, rename: (step: string) => string, begin: string): After {
  const edge = (given: Edge): Edge => ({ ...given, step: rename(given.step) });
  const must: Edge = { step: begin, must: true };
  if (after === undefined) return { all: [isFinally === true ? must : { step: begin }] };
  const parts = partsOf(after).map((part) => {
    if ('step' in part) return edge(part);
    return 'all' in part ? { all: innerOf(part).map(edge) } : { any: innerOf(part).map(edge) };
  });
  const renamed = ('all' in after ? { all: parts } : { any: parts }) as After;
  if (isFinally !== true) return renamed;
  if ('all' in renamed) return { all: [must, ...renamed.all] };
  return { all: [must, renamed as { any: Edge[] }] };
}

interface Renaming {
  readonly rename: (step: string) => string;
  readonly template: (inner: Template) => Template;
  readonly input: Template;
}

function innerStep(name: string, step: Step, { rename, template, input }: Renaming): Step {
  switch (step.kind) {
    case 'task':
      return {
        ...step,
        input: template(step.input),
        ...(step.expand !== undefined && { expand: rename(step.expand) }),
      };
    case 'map':
      return { ...step, items: innerItems(name, step.items, { rename, template }) };
    case 'reduce':
      return { ...step, over: rename(step.over) };
    case 'flow':
      return { ...step, of: step.of.map(rename) };
    case 'until':
      return typeof step.at === 'number' ? step : { ...step, at: innerInstant(name, navigate(input, step.at.given)) };
    default:
      return step;
  }
}

function innerItems(
  name: string,
  items: Extract<Step, { kind: 'map' }>['items'],
  { rename, template }: Omit<Renaming, 'input'>,
): Extract<Step, { kind: 'map' }>['items'] {
  if ('step' in items) return { step: rename(items.step) };
  if ('given' in items && items.from !== undefined) {
    const from = template(items.from);
    if ([...referencesIn(from)].every(({ kind }) => kind === 'input')) return { given: true, from };
  }
  throw new InvalidArgumentError(
    name,
    'items of a map in a sub-flow that are not known when the run begins',
    'a list in the input of the run; for a list that a step gives, let a handler become the flow (ctx.become), or map here',
  );
}

function innerInstant(name: string, template: Template): number | { given: readonly (string | number)[] } {
  if (typeof template === 'number') return template;
  if (typeof template === 'string' && Number.isFinite(Date.parse(template))) return Date.parse(template);
  const reference = referenceOf(template);
  if (reference?.kind === 'input') return { given: reference.at };
  throw new InvalidArgumentError(name, template, 'a time that is known when the run begins');
}
