import { checkOptions, InvalidArgumentError, parseDuration, parseType, type Duration } from '@drover/core';
import { predecessorsOf } from '../edges.js';
import type { After, Edge, MapStep, Path, SignalStep, Step, TaskStep, Tolerance } from '../plan.js';
import { referenceOf } from '../references.js';
import { STEP_PATTERN } from '../parse-plan.js';
import { toAfter, withEdges, type AfterGiven } from './edges.js';
import { ApprovalHandle, ItemsOf, MapHandle, StepHandle, TaskHandle } from './handles.js';
import { inline } from './inline.js';
import { toStepOptions, type StepTaskOptions } from './options.js';
import { makeRef, toTemplate, type Given, type Ref } from './references.js';
import type { Flow } from './flow.js';

/** Payload and result by task type. */
export type StepTypes<Types> = { [Type in keyof Types]: [payload: unknown, result: unknown] };
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- without types any type and any result is accepted
export type AnyStepTypes = Record<string, [payload: any, result: any]>;

/** How the run stands, for steps of `finally`. */
export interface Outcome {
  state: 'succeeded' | 'failed' | 'cancelled';
  failed: string[];
  reason?: string;
}

interface CommonOptions {
  /** Steps that it waits for, besides those that its input refers to. */
  after?: AfterGiven;
  /** When it fails, edges see it, and the run does not fail. */
  mayFail?: boolean;
}
export interface StepGiven extends CommonOptions, StepTaskOptions {
  /** Labels with which its handler may end (`ctx.label`). */
  labels?: readonly string[];
}
export interface MapGiven extends CommonOptions, StepTaskOptions {
  /** It succeeds with up to so many failed items: a number, or `'1%'`. Default 0. */
  tolerate?: number | `${number}%`;
  /** So many items of a run are out at a time. */
  concurrency?: number;
}
export interface ReduceGiven extends CommonOptions, StepTaskOptions {
  /** Results that one task is given. Default 500. */
  arity?: number;
}
export interface SignalGiven extends CommonOptions {
  /** Answers that it may get. Default: a signal has none. */
  answers?: readonly string[];
  /** From when it begins to wait. Default: none. */
  timeout?: Duration;
  /** The answer when the time is over. Default: the step fails. */
  onTimeout?: string;
}

const COMMON = ['after', 'mayFail'];
const DEFAULT_ARITY = 500;

/** Builds the plan of one flow: each call declares a step, and gives what others refer to. */
export class FlowBuilder<Input = unknown, Types extends StepTypes<Types> = AnyStepTypes> {
  /** The input of the run. */
  readonly input: Ref<Input> = makeRef<Input>({ $input: [] }, null);
  /** How the run stands, as input for steps of `finally`. */
  readonly outcome: Ref<Outcome> = makeRef<Outcome>({ $outcome: [] }, null);
  readonly #steps = new Map<string, Step>();

  /** A task. The steps that it refers to must have succeeded, and besides `after` must hold. */
  step<Type extends keyof Types & string>(
    name: string,
    type: Type,
    input?: Given<Types[Type][0]>,
    options: StepGiven = {},
  ): TaskHandle<Types[Type][1]> {
    this.#declare(name, this.#task(name, type, input, options));
    return new TaskHandle(name);
  }

  /** A task that runs when everything else has ended, in whatever way, also after a cancel. */
  finally<Type extends keyof Types & string>(
    name: string,
    type: Type,
    input?: Given<Types[Type][0]>,
    options: StepGiven = {},
  ): TaskHandle<Types[Type][1]> {
    this.#declare(name, { ...this.#task(name, type, input, options), finally: true });
    return new TaskHandle(name);
  }

  /** A task for each item: of a step that gives a list (`list.items`), of a list in the input, or of one that is given here. */
  map<Type extends keyof Types & string>(
    name: string,
    type: Type,
    items: ItemsOf | readonly Given<Types[Type][0]>[] | Ref<unknown>,
    options: MapGiven = {},
  ): MapHandle<Types[Type][1]> {
    const { tolerate, concurrency } = options;
    const own = {
      ...toStepOptions({ ...options }, [...COMMON, 'tolerate', 'concurrency'], name),
      ...(tolerate !== undefined && { tolerate: toTolerance(name, tolerate) }),
      ...(concurrency !== undefined && { concurrency: parseCount(`${name}.concurrency`, concurrency, 1) }),
    };
    const more = items instanceof ItemsOf ? [{ step: items.step }] : [];
    if (items instanceof ItemsOf) this.#expand(name, items.step);
    this.#declare(name, {
      ...{ kind: 'map', type: parseType(type), items: itemsOf(name, items) },
      ...own,
      ...this.#common(name, options, more),
    });
    return new MapHandle(name);
  }

  /** A tree of tasks over the results of a map. Its result is that of the last one. */
  reduce<Type extends keyof Types & string>(
    name: string,
    type: Type,
    over: MapHandle,
    options: ReduceGiven = {},
  ): StepHandle<Types[Type][1]> {
    if (!(over instanceof MapHandle)) throw new InvalidArgumentError(`${name}.over`, over, 'a map of this flow');
    const arity = parseCount(`${name}.arity`, options.arity ?? DEFAULT_ARITY, 2);
    this.#declare(name, {
      ...{ kind: 'reduce', type: parseType(type), over: over.step, arity },
      ...toStepOptions({ ...options }, [...COMMON, 'arity'], name),
      ...this.#common(name, options, [{ step: over.step }]),
    });
    return new StepHandle(name);
  }

  /** Waits so long from the end of its predecessors. */
  sleep(name: string, duration: Duration, options: CommonOptions = {}): StepHandle<null> {
    checkOptions(options, COMMON, name);
    this.#declare(name, {
      kind: 'sleep',
      ms: parseDuration(`${name}.duration`, duration),
      ...this.#common(name, options),
    });
    return new StepHandle(name);
  }

  /** Waits until an instant: a `Date`, ISO text or milliseconds; or a reference to one in the input. */
  until(name: string, instant: Date | string | number | Ref<unknown>, options: CommonOptions = {}): StepHandle<null> {
    checkOptions(options, COMMON, name);
    this.#declare(name, { kind: 'until', at: toInstant(`${name}.at`, instant), ...this.#common(name, options) });
    return new StepHandle(name);
  }

  /** Waits until somebody signals it; its result is what comes with the signal. */
  signal<Payload = unknown>(name: string, options: SignalGiven = {}): StepHandle<Payload> {
    this.#declare(name, this.#signal(name, options));
    return new StepHandle<Payload>(name);
  }

  /** Waits until somebody says yes or no. */
  approve(name: string, options: Omit<SignalGiven, 'answers'> & { onTimeout?: 'yes' | 'no' } = {}): ApprovalHandle {
    this.#declare(name, this.#signal(name, { ...options, answers: ['yes', 'no'] }));
    return new ApprovalHandle(name);
  }

  /** Another flow as a part of this one: its steps become steps of this plan, as `name/step`. */
  flow<Inner, Output>(
    name: string,
    flow: Flow<Inner, Output>,
    input?: Given<Inner>,
    options: CommonOptions = {},
  ): StepHandle<Output> {
    checkOptions(options, COMMON, name);
    const owners = new Set<string>();
    const template = toTemplate(input, `${name}.input`, owners);
    const common = this.#common(name, options, edgesTo(owners));
    const { steps, output } = inline({ name, plan: flow.plan, input: template, common });
    for (const [inner, step] of steps) this.#declare(inner, step);
    return new StepHandle<Output>(name, output);
  }

  /** All steps, as declared; those of `finally` wait for the ends of all others. */
  steps(): Record<string, Step> {
    const others = [...this.#steps].filter(([, step]) => step.finally !== true);
    const awaited = new Set(others.flatMap(([, { after }]) => predecessorsOf(after)));
    const sinks = others.map(([name]) => name).filter((name) => !awaited.has(name));
    const ends = sinks.map((step): Edge => ({ step, on: 'ended' }));
    return Object.fromEntries(
      [...this.#steps].map(([name, step]) => (isLast(name, step) ? [name, afterAll(name, step, ends)] : [name, step])),
    );
  }

  #task(name: string, type: string, input: unknown, options: StepGiven): TaskStep {
    const owners = new Set<string>();
    const template = toTemplate(input, `${name}.input`, owners);
    const { labels } = options;
    return {
      ...{ kind: 'task', type: parseType(type), input: template },
      ...toStepOptions({ ...options }, [...COMMON, 'labels'], name),
      ...(labels !== undefined && { labels: [...labels] }),
      ...this.#common(name, options, edgesTo(owners)),
    };
  }

  #signal(name: string, options: SignalGiven): SignalStep {
    checkOptions(options, [...COMMON, 'answers', 'timeout', 'onTimeout'], name);
    const { answers, timeout, onTimeout } = options;
    return {
      kind: 'signal',
      ...(answers !== undefined && { answers: [...answers] }),
      ...(timeout !== undefined && { timeoutMs: parseDuration(`${name}.timeout`, timeout) }),
      ...(onTimeout !== undefined && { onTimeout }),
      ...this.#common(name, options),
    };
  }

  #common(
    name: string,
    { after, mayFail }: CommonOptions,
    more: readonly Edge[] = [],
  ): { after?: After; mayFail?: true } {
    const edges = withEdges(toAfter(after, `${name}.after`), more, `${name}.after`);
    return { ...(edges !== undefined && { after: edges }), ...(mayFail === true && { mayFail }) };
  }

  #expand(map: string, by: string): void {
    const step = this.#steps.get(by);
    if (step?.kind !== 'task') throw new InvalidArgumentError(`${map}.items`, by, 'the items of a task of this flow');
    if (step.expand !== undefined)
      throw new InvalidArgumentError(
        `${map}.items`,
        `${by}.items`,
        `items that no other map goes over: '${step.expand}' does`,
      );
    this.#steps.set(by, { ...step, expand: map });
  }

  #declare(name: string, step: Step): void {
    if (typeof name !== 'string' || !STEP_PATTERN.test(name))
      throw new InvalidArgumentError(
        'step',
        name,
        'a name of letters, digits and "._?/-", at most 128 characters, beginning with a letter or digit',
      );
    if (this.#steps.has(name))
      throw new InvalidArgumentError('step', name, 'a name that no other step of the flow has');
    this.#steps.set(name, step);
  }
}

/** Steps of the `finally` of a sub-flow have their edges already. */
const isLast = (name: string, step: Step): boolean => step.finally === true && !name.includes('/');

function afterAll(name: string, step: Step, ends: readonly Edge[]): Step {
  const after = withEdges(step.after, ends, `${name}.after`);
  return after === undefined ? step : { ...step, after };
}

const edgesTo = (owners: ReadonlySet<string>): Edge[] => [...owners].map((step) => ({ step }));

function itemsOf(name: string, items: unknown): MapStep['items'] {
  if (items instanceof ItemsOf) return { step: items.step };
  const from = toTemplate(items, `${name}.items`, new Set());
  if (Array.isArray(from) || referenceOf(from)?.kind === 'input') return { given: true, from };
  throw new InvalidArgumentError(
    `${name}.items`,
    from,
    'a list, a list in the input (f.input.files), or what a step gives (list.items)',
  );
}

function toTolerance(name: string, given: number | string): Tolerance {
  if (typeof given === 'number') return { items: parseCount(`${name}.tolerate`, given, 0) };
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(given)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return { percent: Number(percent) };
  throw new InvalidArgumentError(`${name}.tolerate`, given, "a number of items, or a part of them like '1%'");
}

function parseCount(argument: string, given: unknown, least: number): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= least) return given;
  throw new InvalidArgumentError(argument, given, `a whole number of at least ${least}`);
}

function toInstant(argument: string, given: unknown): number | { given: Path } {
  if (given instanceof Date || typeof given === 'string') return parseInstant(argument, given);
  const template = toTemplate(given, argument, new Set());
  if (typeof template === 'number') return template;
  const reference = referenceOf(template);
  if (reference?.kind === 'input') return { given: reference.at };
  throw new InvalidArgumentError(argument, template, 'a time, or a reference to one in the input');
}

/** Milliseconds since 1970. Throws `InvalidArgumentError`. */
export function parseInstant(argument: string, given: unknown): number {
  const ms = given instanceof Date ? given.getTime() : typeof given === 'string' ? Date.parse(given) : Number(given);
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError(
    argument,
    given,
    'a time: a Date, ISO text like 2026-11-28T02:00:00Z, or milliseconds since 1970',
  );
}
