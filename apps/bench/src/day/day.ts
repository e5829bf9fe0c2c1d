import { DEFAULT_TASK_OPTIONS, DurationSketch } from '@drover/core';
import { DEFAULT_PLANNER_SETTINGS, Planner, type Advice, type AssignmentFact, type Command } from '@drover/planner';
import type { ScaledPool, ScaleMemory } from '@drover/planner';
import { seededRandom } from '@drover/runtime';
import { strategyNamed } from '@drover/strategies';
import { KINDS, type Arrival } from './load.js';

/** Places of a worker. */
export const PLACES = 4;
const STEP_MS = 1_000;
const ADVICE_MS = 5_000;
/** How often the group of workers is made as large as it should be. */
const GROUP_MS = 15_000;
/** A new worker takes so long, and up to half as long again. */
const BOOT_MS = 120_000;
const TELL_MS = 30_000;
const POOL = 'default';

export const DAY_POOL: ScaledPool = {
  template: { resources: { slots: PLACES * 1_000 }, labels: {}, types: null },
  ...{ min: 1, max: 60, idleForMs: 300_000, dedicated: null },
  ...{ drainWithinMs: 60_000, cooldownMs: 300_000, bootWithinMs: 300_000 },
};

/** The outcome of a day. */
export interface Day {
  /** Of each task that has ended, in milliseconds. */
  readonly waits: readonly number[];
  /** Tasks that have ended more than once, or not at all. */
  readonly wrong: number;
  /** From the order of a worker until its end, added up. */
  readonly workerMs: number;
  readonly mostWorkers: number;
  readonly advice: readonly Advice[];
  /** Workers that were removed with tasks in their hands. */
  readonly cut: number;
}

interface SimWorker {
  readonly id: string;
  readonly orderedMs: number;
  /** It is there from then on. */
  readonly readyMs: number;
  isThere: boolean;
  draining: boolean;
  running: number;
  readonly sketches: Map<string, DurationSketch>;
}

interface Running {
  readonly endMs: number;
  readonly assignment: AssignmentFact;
  readonly index: number;
  readonly worker: SimWorker;
}

/** A real planner with its advice, and a group of simulated workers that is made as large as the advice says. */
export class DayWorld {
  readonly #planner = new Planner({
    strategy: strategyNamed('least-loaded'),
    settings: { ...DEFAULT_PLANNER_SETTINGS, retainTasks: 0, retainAtLeastMs: 0 },
    assignmentId: (batch, n) => `${batch}.e1-${n}`,
  });
  readonly #random = seededRandom(7);
  readonly #pool: ScaledPool;
  readonly #arrivals: readonly Arrival[];
  readonly #batches = new Map<string, { readonly first: number; ended: number }>();
  readonly #workers = new Map<string, SimWorker>();
  readonly #ends: (number | undefined)[] = [];
  readonly #waits: number[] = [];
  readonly #advice: Advice[] = [];
  /** By the step in which they end. */
  readonly #running = new Map<number, Running[]>();
  #memory: ScaleMemory | null = null;
  #now = 0;
  #next = 0;
  #made = 0;
  #wrong = 0;
  #workerMs = 0;
  #mostWorkers = 0;
  #cut = 0;

  constructor(arrivals: readonly Arrival[], pool = DAY_POOL) {
    this.#arrivals = arrivals;
    this.#pool = pool;
  }

  /** Until all tasks of the day have ended, or `longestMs` have passed. */
  run(longestMs: number): Day {
    for (; this.#now < longestMs && !this.#isOver; this.#now += STEP_MS) this.#step();
    for (const worker of this.#workers.values()) this.#workerMs += this.#now - worker.orderedMs;
    return {
      ...{ waits: this.#waits, workerMs: this.#workerMs, mostWorkers: this.#mostWorkers, cut: this.#cut },
      wrong: this.#wrong + this.#arrivals.length - this.#waits.length,
      advice: this.#advice,
    };
  }

  get #isOver(): boolean {
    return this.#waits.length >= this.#arrivals.length;
  }

  #step(): void {
    for (const worker of this.#workers.values()) if (!worker.isThere && worker.readyMs <= this.#now) this.#join(worker);
    this.#submit();
    const ended = this.#running.get(this.#now) ?? [];
    this.#running.delete(this.#now);
    for (const each of ended) this.#end(each);
    if (this.#now % TELL_MS === 0) this.#tell();
    this.#carryOut(this.#planner.plan(this.#now, this.#random));
    if (this.#now % ADVICE_MS === 0) this.#advise();
    if (this.#now % GROUP_MS === 0) this.#resize();
  }

  #submit(): void {
    const first = this.#next;
    while ((this.#arrivals[this.#next]?.atMs ?? Infinity) <= this.#now) this.#next++;
    const some = this.#arrivals.slice(first, this.#next);
    if (some.length === 0) return;
    const id = `B${first}`;
    this.#batches.set(id, { first, ended: 0 });
    const groups = some.map(({ type }) => ({ ...DEFAULT_TASK_OPTIONS, type, count: 1 }));
    this.#planner.batch({ id, queue: 'q', groups, submittedAt: this.#now, bytes: 0 });
  }

  #carryOut(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.kind === 'assign') this.#begin(command.assignment);
      if (command.kind === 'remove') this.#planner.batchGone(command.batch);
    }
  }

  /** A worker runs what it has at once: this load is never handed out ahead. */
  #begin(assignment: AssignmentFact): void {
    const batch = this.#batches.get(assignment.batch);
    const worker = this.#workers.get(assignment.worker);
    if (batch === undefined || worker === undefined) return;
    for (const [from, to] of assignment.tasks)
      for (let index = from; index < to; index++) {
        const { atMs, runMs } = this.#arrivals[batch.first + index] as Arrival;
        this.#ends[batch.first + index] ??= this.#now - atMs;
        worker.running++;
        const endMs = this.#now + Math.max(1, Math.ceil(runMs / STEP_MS)) * STEP_MS;
        const at = this.#running.get(endMs);
        if (at === undefined) this.#running.set(endMs, [{ endMs, assignment, index, worker }]);
        else at.push({ endMs, assignment, index, worker });
      }
  }

  #end({ assignment, index, worker }: Running): void {
    const { id, batch, attempt, tasks } = assignment;
    const first = this.#batches.get(batch)?.first ?? 0;
    const { type, runMs } = this.#arrivals[first + index] as Arrival;
    const waited = this.#ends[first + index];
    if (waited === undefined || waited < 0) this.#wrong++;
    else this.#waits.push(waited);
    this.#ends[first + index] = -1;
    worker.running--;
    const sketch = worker.sketches.get(type) ?? new DurationSketch();
    sketch.add(runMs);
    worker.sketches.set(type, sketch);
    const open = this.#openOf.get(id) ?? tasks.reduce((sum, [from, to]) => sum + to - from, 0);
    this.#openOf.set(id, open - 1);
    if (open === 1) this.#openOf.delete(id);
    const ends = [{ from: index, to: index + 1, outcome: 'succeeded' as const }];
    this.#planner.result({ batch, assignment: id, ends, attempt, at: this.#now, last: open === 1 });
  }
  readonly #openOf = new Map<string, number>();

  #tell(): void {
    for (const { id, isThere, sketches } of this.#workers.values())
      if (isThere && sketches.size > 0)
        this.#planner.learned(id, new Map([...sketches].map(([type, { bins }]) => [type, new Map(bins)])));
  }

  #join(worker: SimWorker): void {
    worker.isThere = true;
    this.#fact(worker);
  }

  #fact({ id, draining }: SimWorker): void {
    const types = KINDS.map(({ type }) => type);
    this.#planner.worker({ id, capacity: PLACES, weight: 1, types, draining });
  }

  #advise(): void {
    const advised = this.#planner
      .scale({
        pools: new Map([[POOL, this.#pool]]),
        memories: new Map(this.#memory === null ? [] : [[POOL, this.#memory]]),
        known: (id) => {
          const { readyMs = 0, draining = false } = this.#workers.get(id) ?? {};
          return { since: readyMs, isGivenUp: draining };
        },
        now: this.#now,
      })
      .all()
      .get(POOL);
    if (advised === undefined) return;
    this.#memory = advised.memory;
    this.#advice.push(advised.advice);
    for (const id of advised.drain) this.#drain(id, true);
    for (const id of advised.undrain) this.#drain(id, false);
  }

  #drain(id: string, draining: boolean): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    worker.draining = draining;
    this.#fact(worker);
  }

  /** As a group of instances does it that follows the advice. */
  #resize(): void {
    const advice = this.#advice.at(-1);
    if (advice === undefined) return;
    for (const id of advice.remove) this.#remove(id);
    const staying = [...this.#workers.values()].filter(({ draining }) => !draining).length;
    for (let more = advice.wanted - staying; more > 0; more--) {
      const id = `w${this.#made++}`;
      const readyMs = this.#now + BOOT_MS * (1 + this.#random() / 2);
      this.#workers.set(id, {
        ...{ id, orderedMs: this.#now, readyMs, isThere: false, draining: false, running: 0, sketches: new Map() },
      });
    }
    this.#mostWorkers = Math.max(this.#mostWorkers, this.#workers.size);
  }

  #remove(id: string): void {
    const worker = this.#workers.get(id);
    if (worker === undefined) return;
    if (worker.running > 0 || !worker.draining) this.#cut++;
    this.#workers.delete(id);
    this.#workerMs += this.#now - worker.orderedMs;
    this.#planner.workerGone(id, this.#now);
  }
}
