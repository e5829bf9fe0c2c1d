import { planText, type After, type Edge, type Plan, type Step, type StepOptions, type Template } from '@drover/flow';
import { drawStep } from './draw-submit.js';
import type { Script } from './simulated-executor.js';

type Random = () => number;

/** The script of a step: more than its attempts. */
export interface StepScript extends Script {
  /** The label with which it ends. */
  label?: string;
  skips?: boolean;
  /** The plan of the run that it becomes, as text. */
  becomes?: string;
  /** Scripts of the items that it gives. */
  items?: readonly Script[];
  /** Results of steps before it, as the plan refers to them. */
  seen?: Record<string, unknown>;
}

export interface DrawnFlow {
  plan: Plan;
  /** Items of maps that the client gives, by step. */
  items: Record<string, readonly Script[]>;
}

const LABELS = ['odd', 'even'];
const ANSWERS = ['yes', 'no'];
const TYPE = 'scripted';

/** Flows of one name, of which few runs are under way at a time. */
const LIMITED = ['limited-1', 'limited-2'];

/** A small flow, at random. `name` is new for each, mostly. `nowMs`: the wall clock. */
export function drawFlow(random: Random, name: string, nowMs: number): DrawnFlow {
  return new Drawing(random, nowMs, false).draw(name);
}

/** A task that becomes a run gives what that run gives. */
const hasOwnEnd = (input: Template): boolean => typeof input === 'object' && input !== null && 'becomes' in input;

class Drawing {
  readonly #random: Random;
  readonly #nowMs: number;
  /** A task becomes a run of it: its input has no items. */
  readonly #isChild: boolean;
  readonly #steps: Record<string, Step> = {};
  readonly #items: Record<string, readonly Script[]> = {};

  constructor(random: Random, nowMs: number, isChild: boolean) {
    this.#random = random;
    this.#nowMs = nowMs;
    this.#isChild = isChild;
  }

  draw(name: string): DrawnFlow {
    const count = 1 + Math.floor(this.#random() * (this.#isChild ? 2 : 5));
    const limited = this.#chance(0.1) ? this.#pick(LIMITED) : undefined;
    for (let n = 0; n < count; n++) this.#add(`s${n}`);
    if (this.#chance(0.3)) this.#finally();
    const policy = this.#pick(['continue', 'continue', 'stop', 'cancel'] as const) ?? 'continue';
    const plan: Plan = {
      ...{ v: 1, name: limited ?? name, steps: this.#steps, onFailure: policy },
      ...(limited === undefined ? {} : { maxRuns: LIMITED.indexOf(limited) + 1 }),
      ...(this.#chance(0.1) ? { deadlineMs: 1_000 + Math.floor(this.#random() * 3_000) } : {}),
    };
    return { plan, items: this.#items };
  }

  #add(name: string): void {
    const maps = this.#names('map');
    const chance = this.#random();
    if (maps.length > 0 && chance < 0.35) this.#reduce(name, this.#pick(maps) ?? '');
    else if (chance < 0.58) this.#task(name);
    else if (chance < 0.7 && !this.#isChild) this.#map(name);
    else if (chance < 0.83) this.#list(name);
    else if (chance < 0.88) this.#put(name, { kind: 'sleep', ms: 1 + Math.floor(this.#random() * 600) });
    else if (chance < 0.9) this.#put(name, { kind: 'until', at: this.#nowMs + Math.floor(this.#random() * 1_500) });
    else if (chance < 0.94) this.#subflow(name);
    else this.#signal(name);
  }

  #task(name: string): void {
    const labels = this.#chance(0.35) ? LABELS : [];
    const script: StepScript = {
      attempts: this.#attempts(),
      ...(labels.length > 0 && this.#chance(0.9) ? { label: this.#pick(labels) ?? '' } : {}),
      ...(this.#chance(0.07) ? { skips: true } : {}),
      ...(!this.#isChild && this.#chance(0.12) ? { becomes: this.#child(name) } : {}),
    };
    const after = this.#after();
    const seen = Object.fromEntries(this.#referable(after).map((step) => [step, { $step: step, at: [] }]));
    const input = { ...script, seen } as unknown as Template;
    this.#steps[name] = {
      ...{ kind: 'task', type: TYPE, input, options: this.#options() },
      ...(labels.length > 0 ? { labels } : {}),
      ...this.#common(after),
    };
  }

  #child(name: string): string {
    return planText(new Drawing(this.#random, this.#nowMs, true).draw(`child-of-${name}`).plan);
  }

  /** The end of a sub-flow, of steps that were steps of another flow. */
  #subflow(name: string): void {
    const of = Object.keys(this.#steps).filter(() => this.#chance(0.6));
    if (of.length === 0) return this.#task(name);
    this.#steps[name] = { kind: 'flow', of, after: { all: of.map((step) => ({ step, on: 'ended' })) } };
  }

  #map(name: string): void {
    this.#items[name] = this.#scripts();
    this.#put(name, { ...this.#mapped(), items: { given: true } });
  }

  /** A step that finds the items of a map, and the map. */
  #list(name: string): void {
    const script: StepScript = { attempts: this.#attempts(), items: this.#scripts() };
    const map = `${name}m`;
    this.#put(name, {
      ...{ kind: 'task', type: TYPE, input: script as unknown as Template, options: this.#options(), expand: map },
    });
    this.#steps[map] = { ...this.#mapped(), items: { step: name }, ...this.#common({ all: [{ step: name }] }) };
  }

  #mapped(): { kind: 'map'; type: string; options: StepOptions } {
    const most = 1 + Math.floor(this.#random() * 3);
    const tolerate = this.#chance(0.5)
      ? { tolerate: this.#chance(0.7) ? { items: most } : { percent: most * 20 } }
      : {};
    const concurrency = this.#chance(0.2) ? { concurrency: 1 + Math.floor(this.#random() * 2) } : {};
    return { kind: 'map', type: TYPE, options: this.#options(), ...tolerate, ...concurrency };
  }

  #reduce(name: string, over: string): void {
    const on = this.#chance(0.6) ? ({ on: 'ended' } as const) : {};
    const arity = 2 + Math.floor(this.#random() * 2);
    this.#steps[name] = {
      ...{ kind: 'reduce', type: TYPE, over, arity, options: this.#options() },
      ...this.#common({ all: [{ step: over, ...on }] }),
    };
  }

  #signal(name: string): void {
    const timeoutMs = 1 + Math.floor(this.#random() * 1_500);
    const timeout = this.#chance(0.6) ? { timeoutMs, ...(this.#chance(0.7) ? { onTimeout: 'no' } : {}) } : {};
    this.#put(name, { kind: 'signal', answers: ANSWERS, ...timeout });
  }

  /** It waits for everything else to be over, however that ended. */
  #finally(): void {
    const all = Object.keys(this.#steps).map((step) => ({ step, on: 'ended' }) as const);
    const input = { attempts: this.#attempts(), outcome: { $outcome: [] } } as unknown as Template;
    this.#steps.last = { kind: 'task', type: TYPE, input, options: this.#options(), finally: true, after: { all } };
  }

  #put(name: string, step: Step): void {
    this.#steps[name] = { ...step, ...this.#common(this.#after()) };
  }

  #common(after: After | undefined): { after?: After; mayFail?: true } {
    return { ...(after === undefined ? {} : { after }), ...(this.#chance(0.25) ? { mayFail: true } : {}) };
  }

  #after(): After | undefined {
    const before = Object.keys(this.#steps)
      .slice(-4)
      .filter(() => this.#chance(0.5));
    if (before.length === 0) return undefined;
    const edges = before.map((step) => this.#edge(step));
    return this.#chance(0.3) ? { any: edges } : { all: edges };
  }

  #edge(step: string): Edge {
    const of = this.#steps[step];
    const labels = of?.kind === 'signal' ? ANSWERS : of?.kind === 'task' ? (of.labels ?? []) : [];
    if (labels.length > 0 && this.#chance(0.5)) return { step, is: this.#pick(labels) ?? '' };
    const chance = this.#random();
    if (chance < 0.5) return { step };
    if (chance < 0.6) return { step, must: true };
    return { step, on: chance < 0.75 ? 'failed' : 'ended' };
  }

  /** Steps before it whose results are values. */
  #referable(after: After | undefined): string[] {
    if (after === undefined) return [];
    const edges = ('all' in after ? after.all : after.any) as readonly Edge[];
    return edges
      .map(({ step }) => step)
      .filter((step) => {
        const of = this.#steps[step];
        return of?.kind === 'task' && of.expand === undefined && !hasOwnEnd(of.input);
      });
  }

  #names(kind: Step['kind']): string[] {
    return Object.entries(this.#steps).flatMap(([name, step]) => (step.kind === kind ? [name] : []));
  }

  #scripts(): Script[] {
    const count = Math.floor(this.#random() ** 2 * 8);
    return Array.from({ length: count }, () => ({ attempts: this.#attempts() }));
  }

  /** Fewer of them kill their workers, or hang, than of other tasks: steps wait for each other. */
  #attempts(): Script['attempts'] {
    return Array.from({ length: 1 + Math.floor(this.#random() * 2) }, () => {
      const { does, ms } = drawStep(this.#random);
      const isBad = does !== 'succeed' && this.#chance(0.5);
      return { does: isBad ? 'succeed' : does, ms: ms / 3 };
    });
  }

  #options(): StepOptions {
    return {
      maxAttempts: 1 + Math.floor(this.#random() * 3),
      retry: { kind: 'exponential', delayMs: 20 + this.#random() * 100, maxDelayMs: 500, jitter: 0.2 },
      timeoutMs: 200 + Math.floor(this.#random() * 400),
    };
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#random() * all.length)];
  }
}
