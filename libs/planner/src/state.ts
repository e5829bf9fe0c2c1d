import type { Amounts, BatchId, Range, TaskId } from '@drover/core';
import type { Strategy } from '@drover/strategies';
import Denque from 'denque';
import { giveBack, stopAt } from './aside.js';
import { AccountBook } from './accounts.js';
import { AssignmentBook, type Assignment, type RoomReason } from './assignments.js';
import { Bounds } from './bounds.js';
import { ClassTable } from './classes.js';
import { Contest, type Guards } from './contest.js';
import { Dependencies } from './dependencies.js';
import type { Allocation } from './division.js';
import { Durations } from './durations.js';
import { UniqueKeys } from './keys.js';
import { LimitBook } from './limits.js';
import { NO_FLOW, type AssignmentFact, type Command, type EndedTask, type Flow } from './model.js';
import type { PlannerSettings, RevokeReason, Tally } from './model.js';
import { Pins } from './pins.js';
import type { Choice } from './placement/choose.js';
import type { Steps } from './placement/free-tree.js';
import type { Placement, PlacedPool } from './placement/placement.js';
import { PlainPlaces } from './plain-places.js';
import { QuotaBook } from './quotas.js';
import { QueueState } from './queue-state.js';
import { Ranking } from './ranking.js';
import { Retention } from './retention.js';
import { Rooms } from './rooms.js';
import { Sequences } from './sequences.js';
import { Speeds } from './speed.js';
import { Suspects } from './suspects.js';
import { TaskPool } from './task-list.js';
import { Storm } from './storm.js';
import type { BatchState } from './tasks.js';
import { DueHeap } from './time.js';
import { Waits } from './waits.js';
import type { WorkerState } from './worker-state.js';
import { WorkerPool } from './workers.js';

export interface PlannerOptions {
  strategy: Strategy;
  settings: PlannerSettings;
  /** Makes the unique id of the `n`-th assignment. */
  assignmentId: (batch: BatchId, n: number) => string;
  /** Told of what goes through the queues. Default: nobody is. */
  flow?: Flow;
}

/** Everything that the planner remembers. The README says who may change which part, "The map". */
export class State {
  readonly strategy: Strategy;
  readonly settings: PlannerSettings;
  readonly assignmentId: (batch: BatchId, n: number) => string;
  readonly flow: Flow;

  readonly batches = new Map<BatchId, BatchState>();
  /** Those with unfinished batches or settings. */
  readonly queues = new Map<string, QueueState>();
  /** The queues, those with most tasks that are due or out first. */
  readonly busiest = new Ranking<QueueState, { load: number; name: string }>(
    ({ load, name }) => ({ load, name }),
    (a, b) => a.load > b.load || (a.load === b.load && a.name < b.name),
  );
  /** Queues and tenants that take no more tasks. */
  readonly bounds = new Bounds();
  /** Tells which queue has the task that has waited longest. */
  readonly waits = new Waits();
  /** Queues with unfinished tasks. */
  busyQueues = 0;
  /** Batches of each queue, finished ones included. */
  readonly batchesOf = new Map<string, number>();
  readonly classes = new ClassTable();
  readonly contest: Contest;
  readonly accounts: AccountBook;
  readonly quotas: QuotaBook;
  readonly plainPlaces = new PlainPlaces();
  readonly workers: WorkerPool;
  readonly placement: Placement;
  /** As they were told: what is not told of a pool is by default. */
  readonly pools: Map<string, PlacedPool>;
  readonly speeds = new Speeds<WorkerState>();
  readonly durations = new Durations();
  readonly assignments = new AssignmentBook();
  readonly due = new DueHeap();
  readonly retention: Retention;
  readonly suspects = new Suspects();
  readonly keys = new UniqueKeys();
  readonly dependencies = new Dependencies();
  readonly limits = new LimitBook();
  readonly pins = new Pins();
  readonly pool = new TaskPool();
  readonly sequences = new Sequences(this.pool);
  /** When the tasks ended whose keys of mode `first` are held beyond their end. */
  readonly heldKeys = new Map<TaskId, number>();
  /** Shares that a strategy has divided and no plan has made assignments of yet. */
  readonly allocations = new Denque<Allocation>();

  /** Changed by the ledger alone, like all counters of tasks. */
  readonly tally: Tally = {
    scheduled: 0,
    pending: 0,
    out: 0,
    retrying: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  };
  /** Payloads of the batches that are not finished. */
  unfinishedBytes = 0;

  /** Tasks that made room in this term, by the ground on which. */
  readonly preempted: Record<RoomReason, number> = {
    ...{ priority: 0, reclaim: 0, fair: 0 },
    ...{ reservation: 0, deadline: 0, worker: 0 },
  };

  /** Attempts that were placed in this term by what their tasks need, by pool, and all of them. */
  readonly placed = new Map<string, number>();
  placements = 0;
  /** Amounts that workers say they use. */
  readonly used = new Map<string, Amounts>();

  /** How long all that is pending lasts, as it was added up last. */
  drainMs = 0;
  /** How much work goes ahead of a worker now. */
  aheadMs: number;

  /** Facts of a rebuild that wait for the first plan; null once it was made. */
  rebuild: Rebuild | null = { assignments: [], over: new Set(), handedBack: new Map() };
  /** Commands that facts and requests brought about, for the next plan. */
  outbox: Command[] = [];
  /** Tasks of watched batches that have ended, for whoever watches. */
  ended: EndedTask[] = [];
  /** The same for flows: tasks that are steps. */
  endedSteps: EndedTask[] = [];
  /** To be revoked by the next plan. */
  readonly revocations = new Map<Assignment, RevokeReason>();
  /** Their workers are to be asked something, by the next plan. */
  readonly notices = new Set<Assignment>();
  /** Batches of queues with `onDead` that have dead letters of which nobody was told. */
  readonly dying = new Set<BatchState>();
  /** Batches whose last task has ended. */
  readonly complete = new Set<BatchState>();
  /** When something can be decided by time alone that is not in `due`; null: nothing. */
  wakeAt: number | null = null;
  /** Everything that was due until then has been brought about. */
  firedUntil = -Infinity;
  /** Workers that are kept for one class. */
  readonly rooms = new Rooms();
  readonly storm = new Storm();
  /** No look for tasks that could make room before this time. */
  preemptFrom = -Infinity;
  /** No look for slow tasks before this time. */
  speculateFrom = -Infinity;
  /** No look for work to reclaim before this time. */
  reclaimFrom = -Infinity;
  /** No look for room to reserve before this time. */
  reserveFrom = -Infinity;
  /** When the rebuild was concluded; null: not yet. */
  bornAt: number | null = null;
  /** From this time on names that nobody has used for long are forgotten; null: no plan was made yet. */
  forgetFrom: number | null = null;
  #n = 0;

  constructor(options: PlannerOptions) {
    this.strategy = options.strategy;
    this.settings = options.settings;
    this.assignmentId = options.assignmentId;
    this.flow = options.flow ?? NO_FLOW;
    this.retention = new Retention(options.settings);
    this.aheadMs = options.settings.aheadMs;
    this.accounts = new AccountBook(options.settings);
    this.quotas = new QuotaBook(this.accounts, (key) => this.limits.changed.add(key));
    const guards: Guards = {
      stop: (sub) => stopAt(this, sub),
      giveBack: (strand) => {
        giveBack(this, strand);
      },
      passed: (route) => {
        this.placement.passed(route);
      },
    };
    const contest = new Contest(options.settings.agingMs, undefined, guards, this.accounts);
    this.contest = contest;
    const { classes, pins } = this;
    this.workers = new WorkerPool({
      opened: (route, isOpen) => {
        contest.setOpen(route, isOpen);
      },
      rerouted: (workClass, route) => {
        contest.reroute(workClass, route);
        classes.touch(workClass);
      },
      resized: (route) => {
        for (const workClass of route.classes) classes.touch(workClass);
      },
      changed: (name) => {
        pins.changed(name);
      },
    });
    this.placement = this.workers.placement;
    this.placement.isFloating = (name) => this.quotas.isFloating(name);
    this.pools = this.placement.pools;
  }

  nextN(): number {
    return ++this.#n;
  }

  /** The number that was given out last. */
  get lastN(): number {
    return this.#n;
  }

  queueNamed(name: string): QueueState {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = new QueueState(name, this.contest);
      this.queues.set(name, queue);
      this.busiest.touch(queue);
    }
    return queue;
  }

  /** A queue is forgotten with its last unfinished batch, unless it has settings. */
  releaseQueue(queue: QueueState): void {
    if (queue.batches > 0 || queue.declared || !this.queues.delete(queue.name)) return;
    this.contest.release(queue);
    this.busiest.forget(queue);
    this.waits.forget(queue.waits);
  }

  countPlaced(pool: string, tasks: number): void {
    this.placed.set(pool, (this.placed.get(pool) ?? 0) + tasks);
    this.placements += tasks;
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

/** A plan being made. */
export interface Planning {
  readonly state: State;
  readonly now: number;
  readonly random: () => number;
  readonly commands: Command[];
  /** Assignments that this plan may still make. */
  left: number;
  /** Looks for workers with room that this plan may still take. */
  readonly steps: Steps;
  /** The manner in which it chooses workers for tasks that need resources; absent: it has chosen none yet. */
  choice?: Choice;
}
