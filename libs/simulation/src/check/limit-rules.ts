import {
  indexesOf,
  SLOTS,
  splitLimitRef,
  taskId,
  UNIT,
  type LimitSpec,
  type Sequence,
  type TaskId,
} from '@drover/core';
import {
  childOf,
  decodeBatchHeader,
  decodeRecord,
  decodeResult,
  optionsAt,
  parseTasksPath,
  ROOTS,
} from '@drover/protocol';
import { DeclaredLimits } from './declared-limits.js';
import type { Findings } from './findings.js';
import { RateRules } from './rate-rules.js';
import { SequenceRules } from './sequence-rules.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange } from './znode-change.js';

/** A task as limits and sequences look at it. */
export interface LimitedTask {
  readonly task: TaskState;
  readonly queue: string;
  readonly type: string;
  readonly tenant: string;
  readonly limits: readonly string[];
  readonly sequence: Sequence | null;
  /** Its unique key may let it wait for one that comes after it. */
  readonly isUnique: boolean;
  /** It says how much of a place it takes: not a whole one, perhaps. */
  readonly hasSlots: boolean;
  /** ZooKeeper's clock at its submit, or at the end of its last attempt. */
  readyMs: number;
  /** The worker that it was handed out to last. */
  worker: string;
  /** ... and by then it had to wait for a free place. */
  needsPlace: boolean;
}

export interface LimitRulesOptions {
  /** Wall clock of the world. */
  readonly nowMs: () => number;
  /** ZooKeeper's clock is not moved. */
  readonly isTimeRight: boolean;
  /** A decision by what the leader knew before is written so much later, at most. */
  readonly knownWithinMs: number;
}

/** A leader's clock runs too fast by one in a thousand at most. */
const FAST_MS = 50;

/**
 * Limits and sequences, told by the committed transactions alone, after `TaskRules` has seen them: what is out under a key
 * at each hand-out, by every definition that the leader may have known; what a rate had reserved; whose turn it was in a
 * sequence; and that what a rate or a sequence lets go went to a free place.
 */
export class LimitRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #options: LimitRulesOptions;
  readonly #declared: DeclaredLimits;
  readonly #rates: RateRules;
  readonly #sequences: SequenceRules;
  readonly #tasks = new Map<TaskId, LimitedTask>();
  readonly #out = new Set<LimitedTask>();
  /** Capacities of workers by their ids. */
  readonly #capacities = new Map<string, number>();

  constructor(
    findings: Findings,
    taskOf: (batch: string, index: number) => TaskState | undefined,
    options: LimitRulesOptions,
  ) {
    this.#findings = findings;
    this.#taskOf = taskOf;
    this.#options = options;
    this.#declared = new DeclaredLimits(options.nowMs, options.knownWithinMs);
    this.#rates = new RateRules(findings, this.#declared, options);
    this.#sequences = new SequenceRules(findings);
  }

  /** Tasks that have failed and keep the others of their sequence waiting. */
  blocking(): TaskId[] {
    return this.#sequences.blocking();
  }

  see(change: ZnodeChange): void {
    if (change.isSessionEnd) return;
    for (const name of this.#declared.see(change)) this.#rates.changed(name);
    this.#rates.see(change);
    const assigned: { worker: string; tasks: LimitedTask[]; usesPlaces: boolean }[] = [];
    for (const write of change.writes) {
      if (write.op !== 'create') continue;
      const { path, data } = write;
      const at = parseTasksPath(path);
      const worker = childOf(ROOTS.workers, path);
      if (worker !== null) this.#capacities.set(worker, decodeRecord('worker', path, data).capacity);
      else if (path.startsWith(`${ROOTS.assignments}/`) && path.split('/').length === 4)
        assigned.push({ worker: path.split('/')[2] ?? '', ...this.#tasksOf(path, data) });
      else if (at?.result === null) this.#submitted(at.batch, path, data);
      else if (at !== null) this.#reported(at.batch, path, data);
    }
    for (const task of this.#out) if (task.task.out === null) this.#out.delete(task);
    for (const { worker, tasks, usesPlaces } of assigned)
      for (const task of tasks) this.#handedOut(task, worker, usesPlaces);
  }

  #submitted(batch: string, path: string, data: Buffer): void {
    const { queue, count, groups } = decodeBatchHeader(path, data);
    for (let index = 0; index < count; index++) {
      const { type, tenant, limits, sequence, unique, resources } = optionsAt(groups, index);
      const task = this.#taskOf(batch, index);
      if (task === undefined) continue;
      const limited: LimitedTask = {
        ...{ task, queue, type, tenant, limits: limits ?? [], sequence, isUnique: unique !== null },
        hasSlots: resources?.[SLOTS] !== undefined,
        ...{ readyMs: this.#options.nowMs(), worker: '', needsPlace: false },
      };
      this.#tasks.set(task.id, limited);
      this.#sequences.submitted(limited);
    }
  }

  #reported(batch: string, path: string, data: Buffer): void {
    for (const { index } of decodeResult(path, data).ends) {
      const task = this.#tasks.get(taskId(batch, index));
      if (task !== undefined) task.readyMs = this.#options.nowMs();
    }
  }

  /** `usesPlaces`: the queue does not say how much of a place each takes. */
  #tasksOf(path: string, data: Buffer): { tasks: LimitedTask[]; usesPlaces: boolean } {
    const { batch, tasks: ranges, use } = decodeRecord('assignment', path, data);
    const tasks = [...indexesOf(ranges)]
      .map((index) => this.#tasks.get(taskId(batch, index)))
      .filter((task) => task !== undefined);
    return { tasks, usesPlaces: (use?.[SLOTS] ?? UNIT) === UNIT };
  }

  #handedOut(task: LimitedTask, worker: string, usesPlaces: boolean): void {
    this.#out.add(task);
    this.#sequences.handedOut(task);
    let hasRate = false;
    for (const name of this.#declared.names()) {
      const specs = this.#declared.lately(name);
      const [spec] = specs.slice(-1);
      // While it is not known by which of them the leader has decided, what it counts is not known either.
      if (spec === undefined || spec === null || !specs.every((other) => isAlike(spec, other))) continue;
      for (const key of keysOf(task, name, spec)) {
        this.#isBelow(task, { name, key, spec, most: Math.max(...specs.map((each) => each?.concurrency ?? Infinity)) });
        this.#isNotHeld(task, name, key);
        if (specs.every((each) => (each?.rate ?? null) !== null)) {
          hasRate = true;
          this.#rates.started(task, name, key);
        }
      }
    }
    task.worker = worker;
    task.needsPlace = (hasRate || task.sequence !== null) && usesPlaces && !task.hasSlots;
    if (task.needsPlace) this.#hasPlace(task);
  }

  #isBelow(task: LimitedTask, at: { name: string; key: string; spec: LimitSpec; most: number }): void {
    const { name, key, spec, most } = at;
    if (most === Infinity) return;
    const out = [...this.#out].filter((other) => keysOf(other, name, spec).includes(key));
    this.#findings.expect(
      out.length <= most,
      () =>
        `task ${task.task.id} was handed out as number ${out.length} under '${name}/${key}', which allows ${most}: ` +
        out.map(({ task: { id } }) => id).join(', '),
    );
  }

  #isNotHeld({ task }: LimitedTask, name: string, key: string): void {
    const heldUntil = this.#declared.heldUntil(name, key);
    this.#findings.expect(
      !this.#options.isTimeRight || heldUntil <= this.#options.nowMs() + FAST_MS,
      () => `task ${task.id} was handed out under '${name}/${key}', which is held until ${heldUntil}`,
    );
  }

  /** Those that wait for free places are no more than there are, whatever else is at the worker. */
  #hasPlace({ task, worker }: LimitedTask): void {
    const capacity = this.#capacities.get(worker);
    if (capacity === undefined) return;
    const there = [...this.#out].filter((other) => other.worker === worker && other.needsPlace);
    this.#findings.expect(
      there.length <= capacity,
      () =>
        `task ${task.id} was handed out ahead of a free place: ${worker} has ${capacity}, and ` +
        there.map(({ task: { id } }) => id).join(', '),
    );
  }
}

/** It counts the same tasks together. */
const isAlike = (a: LimitSpec, b: LimitSpec | null): boolean =>
  b !== null && a.per === b.per && JSON.stringify(a.on) === JSON.stringify(b.on);

/** The keys of the limit that the task is under. */
function keysOf({ queue, type, tenant, limits }: LimitedTask, name: string, { per, on }: LimitSpec): string[] {
  const refs = limits.map(splitLimitRef).filter((ref) => ref.name === name);
  const isOn = on !== null && (on.queue ?? queue) === queue && (on.type ?? type) === type;
  if (refs.length === 0 && !isOn) return [];
  if (per === 'all') return [''];
  return per === 'tenant' ? [tenant] : [...new Set(refs.map(({ key }) => key ?? ''))];
}
