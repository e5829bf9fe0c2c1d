import { ChildrenCache } from '@drover/coordination';
import { readBins, RecordError, sameJson } from '@drover/core';
import type { WorkerFact } from '@drover/planner';
import { decodeRecord, ROOTS, workerName, workerPath, type WorkerRecord } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Znode } from '@drover/zookeeper';
import type { Candidate } from '../broadcasts/choose.decide.js';
import type { Assignments } from './assignments.js';
import { backoff } from '../term/backoff.decide.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';

interface Known {
  record: WorkerRecord;
  /** Its record has changed to one with needs that this program does not know: the worker is given nothing. */
  isNewer: boolean;
  told: WorkerFact | null;
  /** When this leader saw it first, or when it was started, if that is earlier. */
  since: number;
  /** Set while ZooKeeper refuses assignments for the worker; `times`: refusals in a row. */
  avoided: { times: number; until: number } | null;
}

/** A worker that could be given nothing is tried again after this long, then after twice as long, and so on. */
const AVOID = { firstMs: 500, longestMs: 60_000 };

/** Passes the workers to the planner: `/workers`, and the drain requests of operators. */
export class WorkersWatcher {
  readonly #context: TermContext;
  readonly #workers = new Map<string, Known>();
  /** Workers whose record cannot be read: they are alive, and are given nothing. */
  readonly #unreadable = new Set<string>();
  readonly #children: ChildrenCache;
  #assignments: Assignments | null = null;
  #changed: (candidate: Candidate) => void = () => undefined;

  constructor(context: TermContext) {
    this.#context = context;
    this.#children = new ChildrenCache({
      zk: context.zk,
      directory: ROOTS.workers,
      put: (id, znode) => this.#put(id, znode),
      gone: (id) => this.#gone(id),
      unreadable: (id, error) => {
        if (!this.#workers.has(id)) this.#unreadable.add(id);
        reportInvalid(context, workerPath(id), error);
      },
      failed: (error) => context.broken(error),
    });
  }

  async load(): Promise<void> {
    await this.#children.start();
  }
  async stop(): Promise<void> {
    await this.#children.stop();
  }

  /** The assignments are read: from here on the planner is told of workers. */
  tell(assignments: Assignments): void {
    this.#assignments = assignments;
    for (const id of this.#workers.keys()) this.retell(id);
    // A worker with an unreadable record keeps its tasks as long as it lives, since it may be able to run them.
    for (const id of this.#unreadable)
      if (assignments.outAt(id).assignments > 0)
        this.#context.planner.worker({ id, capacity: 1, weight: 1, types: [], draining: true });
  }

  /** Since when the worker is there, by ZooKeeper's clock; null: it is not. */
  since(id: string): number | null {
    return this.#workers.get(id)?.since ?? null;
  }

  present(id: string): boolean {
    return this.#workers.has(id) || this.#unreadable.has(id);
  }

  /** Those whose id or name is `name`. */
  named(name: string): string[] {
    return [...this.#workers].filter(([id, { record }]) => id === name || record.name === name).map(([id]) => id);
  }

  /** Told of each worker that has come, or is otherwise than before. */
  onChange(changed: (candidate: Candidate) => void): void {
    this.#changed = changed;
  }

  /** All whose records can be read, as broadcasts look at them. */
  *candidates(): Generator<Candidate> {
    for (const [id, known] of this.#workers) yield this.#candidate(id, known);
  }

  #candidate(id: string, { record }: Known): Candidate {
    const { name, types, labels, understands = [] } = record;
    const isDraining = this.#isDraining(id, record);
    return { name, types, labels, understands, isDraining, isStopping: this.#isStopping(id, record) };
  }

  /** It drains, and nobody has asked it to: so it stops. Workers of this release say so themselves. */
  #isStopping(id: string, { state, stopping }: WorkerRecord): boolean {
    return stopping === true || (state === 'draining' && this.#assignments?.draining(id) !== true);
  }

  /** How many are accepting and draining. */
  counts(): { accepting: number; draining: number } {
    let draining = 0;
    for (const [id, { record }] of this.#workers) if (this.#isDraining(id, record)) draining++;
    return { accepting: this.#workers.size - draining, draining };
  }

  /** The worker's own word on a task that it runs; null: it says nothing. */
  runningAt(id: string, task: string, attempt: number): WorkerRecord['running'][number] | null {
    const running = this.#workers.get(id)?.record.running ?? [];
    return running.find((each) => each.task === task && each.attempt === attempt) ?? null;
  }

  /** Its record or its directory changed. */
  retell(id: string): void {
    const known = this.#workers.get(id);
    if (known === undefined || this.#assignments === null) return;
    const { name, capacity, weight, types, understands = [], concurrency } = known.record;
    const isOut = this.#isAvoided(known) || known.isNewer;
    const draining = this.#isDraining(id, known.record) || isOut;
    const { told } = known;
    const limits = concurrency === undefined ? {} : { concurrency };
    const takesPinned = draining && !isOut && !this.#isStopping(id, known.record);
    const common = { id, name, capacity, weight, types, understands, draining, takesPinned, ...limits };
    const fact: WorkerFact = { ...common, ...placesOf(known.record) };
    if (told !== null && isSame(told, fact)) return;
    if (told === null) this.#joined(id, known.record);
    known.told = fact;
    this.#context.planner.worker(fact);
    this.#changed(this.#candidate(id, known));
    this.#context.news.workersChanged();
    this.#context.replan();
  }

  /** ZooKeeper refuses assignments for the worker: others get the tasks, and the leader tries it again later. */
  avoid(id: string): void {
    const known = this.#workers.get(id);
    if (known === undefined || this.#isAvoided(known)) return;
    const times = (known.avoided?.times ?? 0) + 1;
    const delayMs = backoff(times, AVOID.firstMs, AVOID.longestMs);
    known.avoided = { times, until: this.#context.runtime.monotonic() + delayMs };
    this.retell(id);
    // A millisecond later, because timers may fire a little early.
    const told = this.#context.later(delayMs + 1).then((active) => {
      if (active) this.retell(id);
    });
    inBackground(told, (error) => this.#context.broken(error));
  }

  #isAvoided({ avoided }: Known): boolean {
    return avoided !== null && avoided.until > this.#context.runtime.monotonic();
  }

  #isDraining(id: string, { state }: WorkerRecord): boolean {
    return state === 'draining' || this.#assignments?.draining(id) === true;
  }

  #joined(id: string, { capacity, types }: WorkerRecord): void {
    this.#assignments?.workerJoined(id);
    this.#context.log.event('worker.joined', { worker: id, capacity, types });
  }

  #put(id: string, znode: Znode): void {
    if (!this.#context.active()) return;
    const known = this.#workers.get(id);
    const record = this.#decode(id, znode, known);
    if (record === null) return;
    this.#unreadable.delete(id);
    const since = known?.since ?? Math.min(record.startedAt, this.#context.clock.now());
    const { told = null, avoided = null } = known ?? {};
    this.#workers.set(id, { record, isNewer: false, told, avoided, since });
    this.retell(id);
    this.#learn(id, record, known?.record);
    this.#context.planner.used(id, record.used ?? null);
  }

  /** How long tasks run there. It counts from the next plan on. */
  #learn(id: string, { paces }: WorkerRecord, before: WorkerRecord | undefined): void {
    if (JSON.stringify(paces) === JSON.stringify(before?.paces)) return;
    const read = Object.entries(paces ?? {}).map(([type, written]) => [type, readBins(written)] as const);
    this.#context.planner.learned(id, new Map(read));
  }

  #noteGone(id: string): void {
    const { lostWorkers, clock, news } = this.#context;
    const { tasks } = this.#assignments?.outAt(id) ?? { tasks: 0 };
    if (tasks > 0) lostWorkers.note({ worker: workerName(id), at: clock.now(), tasks });
    news.workersChanged();
  }

  #decode(id: string, znode: Znode, known: Known | undefined): WorkerRecord | null {
    try {
      return decodeRecord('worker', workerPath(id), znode.data);
    } catch (error) {
      reportInvalid(this.#context, workerPath(id), error);
      // A worker whose record was readable before keeps working by that record.
      if (known === undefined) this.#unreadable.add(id);
      else if (error instanceof RecordError && error.isNewer) {
        known.isNewer = true;
        this.retell(id);
      }
      return null;
    }
  }

  #gone(id: string): void {
    if (!this.#context.active()) return;
    const known = this.#workers.get(id);
    this.#workers.delete(id);
    this.#unreadable.delete(id);
    if (this.#assignments === null) return;
    this.#noteGone(id);
    if (known === undefined) {
      this.#context.planner.workerGone(id, this.#context.clock.now());
      this.#assignments.collect();
      this.#context.replan();
      return;
    }
    this.#context.log.event('worker.left', { worker: id, ...this.#assignments.outAt(id) });
    this.#context.planner.workerGone(id, this.#context.clock.now());
    this.#assignments.collect();
    this.#context.replan();
  }
}

/** The fields of its record that decide where tasks go. */
function placesOf(record: WorkerRecord): Partial<WorkerFact> {
  const { host, labels, resources, devices, overcommit, pool, pressed, warmupMs } = record;
  return {
    host,
    labels,
    ...(resources && { resources }),
    ...(devices && { devices }),
    ...(overcommit && { overcommit }),
    ...(pool !== undefined && { pool }),
    ...(pressed && { pressed }),
    ...(warmupMs !== undefined && { warmupMs }),
  };
}

function isSame(a: WorkerFact, b: WorkerFact): boolean {
  return (
    a.host === b.host &&
    a.pool === b.pool &&
    a.pressed === b.pressed &&
    a.warmupMs === b.warmupMs &&
    sameJson(a.labels, b.labels) &&
    sameJson(a.resources, b.resources) &&
    sameJson(a.devices, b.devices) &&
    sameJson(a.overcommit, b.overcommit) &&
    a.draining === b.draining &&
    a.takesPinned === b.takesPinned &&
    a.capacity === b.capacity &&
    a.weight === b.weight &&
    same(a.types, b.types) &&
    same(a.understands ?? [], b.understands ?? []) &&
    sameJson(a.concurrency, b.concurrency)
  );
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
