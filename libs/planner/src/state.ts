import type { BatchId, Range } from '@drover/core';
import type { Strategy } from '@drover/strategies';
import Denque from 'denque';
import { AssignmentBook, type Assignment } from './assignments.js';
import type { BatchState } from './batch-state.js';
import { DueHeap } from './due.js';
import { FairTurns } from './fair-share.js';
import type { Dealt } from './give.js';
import { QueueState } from './lanes.js';
import type { AssignmentFact, Command, PlannerSettings, RevokeReason, Tally } from './model.js';
import { ToldPace } from './pace.js';
import { Probe } from './probe.js';
import { Retention } from './retention.js';
import { GRAIN_MS, MAX_SLICE } from './settings.js';
import { Suspects } from './suspects.js';
import { Way } from './way.js';
import { WorkerPool } from './workers.js';

export interface PlannerOptions {
  strategy: Strategy;
  settings: PlannerSettings;
  /** Makes the unique id of the `n`-th assignment. */
  assignmentId: (batch: BatchId, n: number) => string;
}

/** Everything that the planner remembers. The functions beside it read and change it. */
export class State {
  readonly strategy: Strategy;
  readonly settings: PlannerSettings;
  readonly assignmentId: (batch: BatchId, n: number) => string;

  readonly batches = new Map<BatchId, BatchState>();
  /** Those with unfinished batches or settings. */
  readonly queues = new Map<string, QueueState>();
  /** How many queues have unfinished tasks, and how many lanes each type has: the names that are in use. */
  busyQueues = 0;
  readonly lanesOfType = new Map<string, number>();
  /** Batches of each queue, finished ones included. */
  readonly batchesOf = new Map<string, number>();
  /** Those with pending tasks. */
  readonly busy = new Set<QueueState>();
  readonly workers = new WorkerPool();
  readonly assignments = new AssignmentBook();
  readonly due = new DueHeap();
  readonly retention: Retention;
  /** What workers told of their pace, by type. */
  readonly paces = new Map<string, ToldPace>();
  /** What a strategy has divided and no plan has made assignments of yet. */
  readonly dealt = new Denque<Dealt>();
  /** How long the ways of all workers are: what is known of one that has not answered yet. */
  readonly way = new Way();
  /** Types that were handed out before anybody told their pace. */
  readonly probes = new Map<string, Probe>();
  /** Turns of the queues, by priority. */
  readonly turns = new Map<number, FairTurns>();
  readonly tally: Tally = {
    scheduled: 0,
    pending: 0,
    running: 0,
    retrying: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  };

  /** Payloads of the batches that are not finished. */
  unfinishedBytes = 0;

  /** Facts of a rebuild that wait for the first plan; null once it was made. */
  rebuild: Rebuild | null = { assignments: [], over: new Set(), handedBack: new Map() };
  /** Commands that facts and requests brought about, for the next plan. */
  outbox: Command[] = [];
  /** To be revoked by the next plan. */
  readonly revocations = new Map<Assignment, RevokeReason>();
  /** Their workers are to be asked something, by the next plan. */
  readonly notices = new Set<Assignment>();
  readonly suspects = new Suspects();
  /** Batches whose last task has ended. */
  readonly complete = new Set<BatchState>();
  /** When something can be decided by time alone that is not in `due`; null: nothing. */
  wakeAt: number | null = null;
  #n = 0;

  constructor(options: PlannerOptions) {
    this.strategy = options.strategy;
    this.settings = options.settings;
    this.assignmentId = options.assignmentId;
    this.retention = new Retention(options.settings);
  }

  nextN(): number {
    return ++this.#n;
  }

  queueNamed(name: string): QueueState {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new QueueState(name);
      this.queues.set(name, queue);
    }
    return queue;
  }

  /** A queue is forgotten with its last unfinished batch, unless it has settings. */
  releaseQueue(queue: QueueState): void {
    if (queue.batches === 0 && !queue.declared) this.queues.delete(queue.name);
  }

  turnsOf(priority: number): FairTurns {
    let turns = this.turns.get(priority);
    if (turns === undefined) {
      turns = new FairTurns();
      this.turns.set(priority, turns);
    }
    return turns;
  }

  paceOf(type: string): ToldPace {
    let pace = this.paces.get(type);
    if (pace === undefined) {
      pace = new ToldPace();
      this.paces.set(type, pace);
    }
    return pace;
  }

  /** Null: the pace of the type was told, there is nothing to find out. */
  probeOf(type: string): Probe | null {
    if (this.paces.has(type)) return null;
    let probe = this.probes.get(type);
    if (probe === undefined) {
      probe = new Probe();
      this.probes.set(type, probe);
    }
    return probe;
  }

  /**
   * Tasks of the type that are not worth dividing among `workers` while so many are `pending`. Assignments are made one
   * after the other, workers run side by side: with n assignments for work of `workMs` the last task ends after about
   * n x GRAIN_MS + workMs / n, which is least with n = sqrt(workMs / GRAIN_MS). Fewer workers than that all get a part.
   */
  grainOf(type: string, pending: number, workers: number): number {
    const ms = this.paces.get(type)?.msPerTask ?? null;
    if (ms === null || this.settings.aheadMs === 0) return 1;
    const workMs = pending * ms;
    const best = Math.sqrt(workMs / GRAIN_MS);
    const grainMs = workers <= best ? GRAIN_MS : Math.max(GRAIN_MS, Math.min(workMs / best, this.settings.aheadMs));
    return Math.max(1, Math.min(MAX_SLICE, Math.floor(grainMs / ms)));
  }

  /** Plan again at this time, if nothing happens before. */
  wake(at: number): void {
    this.wakeAt = this.wakeAt === null ? at : Math.min(this.wakeAt, at);
  }
}

export interface Rebuild {
  readonly assignments: AssignmentFact[];
  /** Ids of assignments whose last report was told. */
  readonly over: Set<string>;
  /** Tasks that a report handed back although its assignment goes on. */
  readonly handedBack: Map<string, Range[]>;
}
