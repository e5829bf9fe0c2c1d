import { nearest } from '@drover/core';
import { edgesOf, predecessorsOf } from './edges.js';
import { InvalidPlanError } from './errors.js';
import { PLAN_LIMITS, type Edge, type Plan, type Step, type Template } from './plan.js';
import { isLiteral, referenceOf, referencesIn } from './references.js';

/**
 * Refuses a plan that names what is not there, that goes in a circle, or that is too large. Its shape was checked before
 * (`parsePlan`). Throws `InvalidPlanError`.
 */
export function checkPlan(plan: Plan): void {
  const check = new Check(plan);
  check.size();
  for (const [name, step] of Object.entries(plan.steps)) check.step(name, step);
  check.order();
  for (const [name, step] of Object.entries(plan.steps)) check.references(name, step);
  check.output();
}

class Check {
  readonly #plan: Plan;
  readonly #ancestors = new Map<string, ReadonlySet<string>>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  #fail(why: string): never {
    throw new InvalidPlanError(this.#plan.name, why);
  }

  size(): void {
    const steps = Object.values(this.#plan.steps);
    const { steps: mostSteps, edges: mostEdges } = PLAN_LIMITS;
    if (steps.length === 0) this.#fail('it has no steps');
    if (steps.length > mostSteps)
      this.#fail(
        `it has ${steps.length} steps, ${mostSteps} are allowed; use a map, or sub-flows that handlers become`,
      );
    const edges = steps.reduce((sum, { after }) => sum + [...edgesOf(after)].length, 0);
    if (edges > mostEdges) this.#fail(`it has ${edges} edges, ${mostEdges} are allowed`);
  }

  step(name: string, step: Step): void {
    const seen = new Set<string>();
    for (const edge of edgesOf(step.after)) {
      this.#edge(name, edge);
      const text = JSON.stringify(edge);
      if (seen.has(text)) this.#fail(`step '${name}' names the edge ${text} twice`);
      seen.add(text);
    }
    if (step.kind === 'task' && step.expand !== undefined) this.#expands(name, step.expand);
    if (step.kind === 'map' && 'step' in step.items) this.#expanded(name, step.items.step);
    if (step.kind === 'reduce') this.#reduces(name, step.over);
    if (step.kind === 'signal' && step.onTimeout !== undefined) this.#onTimeout(name, step.answers ?? [], step);
    if (step.kind === 'flow') for (const inner of step.of) this.#known(inner, `step '${name}' stands for`);
  }

  #known(name: string, who: string): Step {
    const step = Object.hasOwn(this.#plan.steps, name) ? this.#plan.steps[name] : undefined;
    if (step !== undefined) return step;
    const near = nearest(name, Object.keys(this.#plan.steps));
    return this.#fail(`${who} step '${name}', which is not there${near === null ? '' : `; did you mean '${near}'?`}`);
  }

  #edge(name: string, edge: Edge): void {
    const from = this.#known(edge.step, `step '${name}' waits for`);
    if (!('is' in edge)) return;
    const labels = labelsOf(from);
    if (labels.includes(edge.is)) return;
    const there =
      labels.length === 0 ? 'it declares none' : `it declares ${labels.map((each) => `'${each}'`).join(', ')}`;
    this.#fail(`step '${name}' waits for '${edge.step}' with the label '${edge.is}'; ${there}`);
  }

  #expands(name: string, map: string): void {
    const step = this.#known(map, `step '${name}' gives the items of`);
    if (step.kind !== 'map' || !('step' in step.items) || step.items.step !== name)
      this.#fail(`step '${name}' gives the items of '${map}', which is no map over it`);
  }

  #expanded(name: string, by: string): void {
    const step = this.#known(by, `map '${name}' goes over the items of`);
    if (step.kind !== 'task' || step.expand !== name)
      this.#fail(
        `map '${name}' goes over the items of '${by}', which does not give them; each step gives the items of one map`,
      );
    if (!predecessorsOf(this.#plan.steps[name]?.after).includes(by))
      this.#fail(`map '${name}' does not wait for '${by}', which gives its items`);
  }

  #reduces(name: string, over: string): void {
    const step = this.#known(over, `reduce '${name}' goes over`);
    if (step.kind !== 'map') this.#fail(`reduce '${name}' goes over '${over}', which is no map`);
    if (!predecessorsOf(this.#plan.steps[name]?.after).includes(over))
      this.#fail(`reduce '${name}' does not wait for '${over}', whose results it needs`);
  }

  #onTimeout(
    name: string,
    answers: readonly string[],
    { timeoutMs, onTimeout }: { timeoutMs?: number; onTimeout?: string },
  ): void {
    if (timeoutMs === undefined) this.#fail(`step '${name}' says what a timeout means, and has none`);
    if (onTimeout !== undefined && !answers.includes(onTimeout))
      this.#fail(`step '${name}' takes a timeout for the answer '${onTimeout}', which is none of its answers`);
  }

  /** Kahn's algorithm; what is left over has a circle in it, and one of these is told. */
  order(): void {
    const { steps } = this.#plan;
    const left = new Map(Object.entries(steps).map(([name, { after }]) => [name, new Set(predecessorsOf(after))]));
    const next = new Map<string, string[]>();
    for (const [name, before] of left) for (const each of before) next.set(each, [...(next.get(each) ?? []), name]);
    const ready = [...left].filter(([, before]) => before.size === 0).map(([name]) => name);
    for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
      const before = predecessorsOf(steps[name]?.after);
      this.#ancestors.set(name, new Set(before.flatMap((each) => [each, ...(this.#ancestors.get(each) ?? [])])));
      left.delete(name);
      for (const after of next.get(name) ?? []) {
        const open = left.get(after);
        open?.delete(name);
        if (open?.size === 0) ready.push(after);
      }
    }
    if (left.size > 0) this.#fail(`its steps go in a circle: ${circleIn(left).join(' → ')}`);
  }

  references(name: string, step: Step): void {
    const template = step.kind === 'task' ? step.input : null;
    this.#shape(template, `the input of step '${name}'`);
    for (const reference of referencesIn(template)) {
      if (reference.kind === 'outcome' && step.finally !== true)
        this.#fail(`the input of step '${name}' refers to the outcome of the run, which only steps of finally know`);
      if (reference.kind === 'step' || reference.kind === 'items')
        this.#reference(reference, this.#ancestors.get(name) ?? NONE, `the input of step '${name}'`);
    }
    if (step.kind === 'map' && 'from' in step.items)
      for (const { kind } of referencesIn(step.items.from))
        if (kind !== 'input')
          this.#fail(`the items of map '${name}' are made before the run begins, of its input alone`);
  }

  output(): void {
    const { output = null, steps } = this.#plan;
    this.#shape(output, 'the output');
    for (const reference of referencesIn(output)) {
      if (reference.kind === 'items' || reference.kind === 'outcome')
        this.#fail('its output can be made of the input and of results of steps, not of items and outcomes');
      if (reference.kind === 'step') this.#reference(reference, new Set(Object.keys(steps)), 'the output');
    }
  }

  #reference(
    { kind, step: name }: { kind: 'step' | 'items'; step: string },
    before: ReadonlySet<string>,
    who: string,
  ): void {
    const step = this.#known(name, `${who} refers to`);
    if (!before.has(name))
      this.#fail(`${who} refers to '${name}', which may not have ended by then: wait for it with 'after'`);
    if (kind === 'items' && step.kind !== 'map')
      this.#fail(`${who} refers to the results of '${name}', which is no map`);
    if (kind === 'step' && step.kind === 'map')
      this.#fail(`${who} refers to the result of '${name}', which is a map: reduce it, or refer to its results`);
    if (kind === 'step' && step.kind === 'task' && step.expand !== undefined)
      this.#fail(`${who} refers to the result of '${name}', whose list became the items of '${step.expand}'`);
  }

  /** Fields that begin with `$` are references, or stand in a literal. */
  #shape(template: Template, who: string, depth = 0): void {
    if (depth > PLAN_LIMITS.depth) this.#fail(`${who} is nested deeper than ${PLAN_LIMITS.depth} levels`);
    if (referenceOf(template) !== null || isLiteral(template) || typeof template !== 'object' || template === null)
      return;
    for (const [field, inner] of Object.entries<Template>(template)) {
      if (field.startsWith('$') && !Array.isArray(template))
        this.#fail(`${who} has a field '${field}', which is no reference`);
      this.#shape(inner, who, depth + 1);
    }
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Labels with which a step may end. */
export function labelsOf(step: Step): readonly string[] {
  if (step.kind === 'task') return step.labels ?? [];
  return step.kind === 'signal' ? (step.answers ?? []) : [];
}

/** Each of `left` waits for another of them: following any of them comes back to where one has been. */
function circleIn(left: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const walked: string[] = [];
  let [name] = left.keys();
  while (name !== undefined && !walked.includes(name)) {
    walked.push(name);
    name = [...(left.get(name) ?? [])].find((before) => left.has(before));
  }
  const circle = walked.slice(walked.indexOf(name ?? '')).reverse();
  return [...circle, circle[0] ?? ''];
}
