import type { TaskId } from '@drover/core';
import type { After, Edge, MapStep, Plan, ReduceStep, SignalStep, Step, UntilStep } from '@drover/flow';
import type { Ended, FlowFacts, FlowOf, Place, RunOf } from './flow-facts.js';
import type { TaskState } from './task-rules.js';

type Holds = boolean | null;

export interface JudgeSources {
  facts: FlowFacts;
  task: (place: Place) => TaskState | undefined;
  /** Tasks of maps and reduces that a retry has made worthless. */
  stale: ReadonlySet<TaskId>;
  /** ZooKeeper's time. */
  nowMs: () => number;
  /** ZooKeeper's clock is not moved. */
  isTimeRight: boolean;
}

/**
 * How the steps of one run stand, reckoned anew from the facts each time it is asked: slow, simple, and not the leader's way.
 * Asked once, as nothing changes meanwhile.
 */
export class NaiveJudge {
  readonly #sources: JudgeSources;
  readonly #flow: FlowOf;
  readonly #plan: Plan;
  readonly #index: number;
  readonly #run: RunOf;
  readonly #known = new Map<string, Ended | null>();

  constructor(sources: JudgeSources, flow: FlowOf, plan: Plan, index: number, run: RunOf) {
    this.#sources = sources;
    this.#flow = flow;
    this.#plan = plan;
    this.#index = index;
    this.#run = run;
  }

  generation(step: string): number {
    return this.#run.generations.get(step) ?? 0;
  }

  isHalted(step: string): boolean {
    const isFinal = this.#plan.steps[step]?.finally === true;
    return this.#run.halts.some(({ force }) => !isFinal || force);
  }

  /** The policy of the flow lets what runs go to its end. */
  get letsEnd(): boolean {
    return this.#plan.onFailure === 'stop' && this.#run.halts.every(({ cause }) => cause === 'policy');
  }

  /** `null`: it has not ended. */
  ended(step: string): Ended | null {
    const known = this.#known.get(step);
    if (known !== undefined) return known;
    const ended = this.#run.kept.get(step) ?? this.#ended(step);
    this.#known.set(step, ended);
    return ended;
  }

  verdict(step: string): 'wait' | 'start' | 'skip' {
    const after = this.#plan.steps[step]?.after;
    if (after === undefined) return 'start';
    if (edgesIn(after).some((edge) => this.ended(edge.step) === null)) return 'wait';
    return this.#holds(after) === true ? 'start' : 'skip';
  }

  /** How the run has ended, if all its steps have. */
  outcome(): 'succeeded' | 'failed' | 'cancelled' {
    const causes = this.#run.halts.map(({ cause }) => cause);
    // The last word of a person, or of the deadline, stands above a policy.
    const decided = causes.findLast((cause) => cause !== 'policy');
    if (decided !== undefined) return decided === 'asked' ? 'cancelled' : 'failed';
    const isBad = Object.entries(this.#plan.steps).some(
      ([name, { mayFail }]) => mayFail !== true && ['failed', 'cancelled'].includes(this.ended(name) ?? ''),
    );
    return isBad ? 'failed' : 'succeeded';
  }

  #ended(name: string): Ended | null {
    const step = this.#plan.steps[name];
    if (step === undefined) return null;
    const verdict = this.verdict(name);
    if (verdict === 'wait') return null;
    if (verdict === 'skip') return 'skipped';
    switch (step.kind) {
      case 'task':
        return this.#task(name);
      case 'map':
        return this.#map(name, step);
      case 'reduce':
        return this.#fan(name, this.reduceTasks(step) ?? 0, 0, (item) => this.reduceTask(name, item));
      case 'signal':
        return this.#signal(name, step);
      case 'sleep':
        return this.#slept(name, step.ms);
      case 'until':
        return this.#until(name, step.at);
      case 'flow':
        return this.#subflow(step.of);
    }
  }

  #until(name: string, at: UntilStep['at']): Ended | null {
    return typeof at === 'number' && at <= this.#sources.nowMs() ? 'succeeded' : this.#halted(name);
  }

  #subflow(of: readonly string[]): Ended {
    const ends = of.map((step) => this.ended(step));
    if (ends.includes('failed') || ends.includes('cancelled')) return 'failed';
    return ends.length > 0 && ends.every((end) => end === 'skipped') ? 'skipped' : 'succeeded';
  }

  #halted(name: string): 'cancelled' | null {
    return this.isHalted(name) ? 'cancelled' : null;
  }

  #task(name: string): Ended | null {
    const place = this.#place(name, null);
    if (place === undefined) return this.#halted(name);
    const { facts, task } = this.#sources;
    const final = task(place)?.final ?? null;
    const become = facts.becomes.get(place.id);
    if (final !== 'succeeded') return final;
    if (become !== undefined) return facts.flow(become)?.runs[0]?.end ?? null;
    return facts.skipped.has(place.id) ? 'skipped' : final;
  }

  #map(name: string, step: MapStep): Ended | null {
    const items = this.items(name, step);
    if (items === null) return this.isHalted(name) ? 'cancelled' : 'failed';
    const { tolerate } = step;
    const tolerated =
      tolerate === undefined ? 0 : 'items' in tolerate ? tolerate.items : Math.floor((items * tolerate.percent) / 100);
    return this.#fan(name, items, tolerated, (item) => this.item(name, step, item));
  }

  #fan(name: string, count: number, tolerated: number, placeOf: (item: number) => Place | undefined): Ended | null {
    const counts = { succeeded: 0, failed: 0, cancelled: 0, unfinished: 0, unnamed: 0 };
    for (let item = 0; item < count; item++) {
      const place = placeOf(item);
      const task = place === undefined ? undefined : this.#sources.task(place);
      // A draft that nobody was given is like an item that nobody has named.
      if (place === undefined || (task?.final === null && task.isDraft)) counts.unnamed++;
      else counts[task?.final ?? 'unfinished']++;
    }
    if (counts.unfinished > 0) return null;
    const bad = counts.failed + counts.cancelled;
    // Nothing more is named once it cannot succeed, or is to start nothing.
    const isOver = counts.unnamed === 0 || bad > tolerated || this.isHalted(name);
    if (!isOver) return null;
    if (counts.unnamed === 0 && bad <= tolerated) return 'succeeded';
    return counts.failed === 0 || this.isHalted(name) ? 'cancelled' : 'failed';
  }

  /** How many items the map has; `null`: nobody has given any. */
  items(name: string, { items }: MapStep): number | null {
    if (!('step' in items))
      return this.#flow.header.maps?.find(([step, run]) => step === name && run === this.#index)?.[2] ?? 0;
    return this.expansion(items.step)?.items ?? null;
  }

  /** The word of the accepted report of the step that finds the items. */
  expansion(step: string): { items: number; by: string } | undefined {
    const place = this.#place(step, null);
    return place === undefined ? undefined : this.#sources.facts.expanded.get(place.id);
  }

  /** The task of the item that counts now. Undefined: there is none yet. */
  item(name: string, { items }: MapStep, item: number): Place | undefined {
    const by = 'step' in items ? (this.expansion(items.step)?.by ?? null) : null;
    const { facts } = this.#sources;
    const draft = facts.draftPlace(this.#flow.id, this.#index, name, by, item);
    return this.#alive(this.#newest(name, item) ?? draft);
  }

  /** `null`: the map has no items yet. */
  reduceTasks({ over, arity }: ReduceStep): number | null {
    const items = this.#itemsOver(over);
    if (items === null) return null;
    let level = Math.max(1, Math.ceil(items / arity));
    let tasks = level;
    while (level > 1) {
      level = Math.ceil(level / arity);
      tasks += level;
    }
    return tasks;
  }

  /** The tasks of the same reduce that this one reads; empty: it reads items of the map. */
  readBy({ over, arity }: ReduceStep, task: number): number[] {
    let first = 0;
    let level = Math.max(1, Math.ceil((this.#itemsOver(over) ?? 0) / arity));
    if (task < level) return [];
    while (task >= first + level) {
      const above = Math.ceil(level / arity);
      const from = first + (task - first - level) * arity;
      const end = first + level;
      if (task < end + above) return Array.from({ length: Math.min(arity, end - from) }, (_, n) => from + n);
      first = end;
      level = above;
    }
    return [];
  }

  #itemsOver(over: string): number | null {
    const map = this.#plan.steps[over];
    if (map?.kind !== 'map') return null;
    return this.ended(over) === 'skipped' ? 0 : this.items(over, map);
  }

  reduceTask(name: string, task: number): Place | undefined {
    return this.#alive(this.#newest(name, task));
  }

  #alive(place: Place | undefined): Place | undefined {
    return place === undefined || this.#sources.stale.has(place.id) ? undefined : place;
  }

  #newest(step: string, item: number): Place | undefined {
    for (let gen = this.generation(step); gen >= 0; gen--) {
      const place = this.#placeOf(step, gen, item);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** Of the step's own generation. */
  #place(step: string, item: number | null): Place | undefined {
    return this.#placeOf(step, this.generation(step), item);
  }

  #placeOf(step: string, gen: number, item: number | null): Place | undefined {
    return this.#sources.facts.place({ flow: this.#flow.id, run: this.#index, step, gen, item });
  }

  /** The place of a step's task now; for the rules. */
  placeOf(step: string): Place | undefined {
    return this.#place(step, null);
  }

  #signal(name: string, step: SignalStep): Ended | null {
    const given = this.#run.signals.get(name)?.order;
    const timeout = this.#run.timeouts.get(name);
    if (timeout !== undefined && (given === undefined || timeout < given))
      return step.onTimeout === undefined ? 'failed' : 'succeeded';
    return given === undefined ? this.#halted(name) : 'succeeded';
  }

  label(name: string): string | null {
    const step = this.#plan.steps[name];
    if (step?.kind === 'signal') {
      const given = this.#run.signals.get(name);
      const timeout = this.#run.timeouts.get(name);
      const isTimeout = timeout !== undefined && (given === undefined || timeout < given.order);
      return isTimeout ? (step.onTimeout ?? null) : (given?.answer ?? null);
    }
    const place = this.#place(name, null);
    return place === undefined ? null : (this.#sources.facts.labels.get(place.id) ?? null);
  }

  #slept(name: string, ms: number): Ended | null {
    const since = this.#run.waits.get(`${name} ${this.generation(name)}`);
    if (since !== undefined && since + ms <= this.#sources.nowMs()) return 'succeeded';
    // While ZooKeeper's clock is moved nobody knows how late it was for the leader.
    return this.#halted(name) ?? (since !== undefined && !this.#sources.isTimeRight ? 'succeeded' : null);
  }

  #holds(after: After): Holds {
    const part = (each: Edge | { all: readonly Edge[] } | { any: readonly Edge[] }): Holds =>
      'step' in each ? this.#edge(each) : this.#holds(each);
    if ('all' in after) {
      const holds = after.all.map(part);
      return holds.includes(false) ? false : holds.includes(true) || null;
    }
    const holds = after.any.map(part);
    return holds.includes(true) ? true : holds.includes(false) ? false : null;
  }

  #edge(edge: Edge): Holds {
    const ended = this.ended(edge.step);
    if ('on' in edge && edge.on === 'ended') return true;
    if (ended === 'skipped') return 'must' in edge ? false : null;
    if ('is' in edge) return ended === 'succeeded' && this.label(edge.step) === edge.is;
    return (ended === 'succeeded') === (edge.on !== 'failed');
  }
}

export function edgesIn(after: After): Edge[] {
  const parts = 'all' in after ? after.all : after.any;
  return parts.flatMap((part) => ('step' in part ? [part] : [...('all' in part ? part.all : part.any)]));
}

/** The steps that a retry starts again, or lets wait again. */
export function resetBy(plan: Plan, judge: NaiveJudge, from: string | undefined): Set<string> {
  const names = Object.keys(plan.steps);
  const isBad = (name: string): boolean => ['failed', 'cancelled'].includes(judge.ended(name) ?? '');
  const roots = new Set(from === undefined ? names.filter(isBad) : [from]);
  const below = new Set(roots);
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const name of names) if (before(plan.steps[name]).some((step) => below.has(step))) below.add(name);
  }
  const isReset = (name: string): boolean => {
    if (roots.has(name) || from !== undefined) return below.has(name);
    const isAgain = judge.ended(name) === 'skipped' || plan.steps[name]?.finally === true;
    return below.has(name) && isAgain;
  };
  return new Set(names.filter(isReset));
}

const before = (step: Step | undefined): string[] =>
  step?.after === undefined ? [] : edgesIn(step.after).map((edge) => edge.step);
