import type { FlowBook as Runs } from '@drover/flow';
import type { Advice, Planner, Slices } from '@drover/planner';
import type { LimitUseRecord, WhyRecord, WorkerRecord } from '@drover/protocol';
import type { Broadcast } from '../broadcasts/book.js';
import type { IntakeState } from '../term/intake.decide.js';
import type { Failures } from './failures.js';
import type { FlowBook } from './flow-book.js';
import type { TroubledWorker } from './term-news.js';

/** A task that has been running for a while, as its worker tells it. */
export type RunningTask = WorkerRecord['running'][number];

/** The memory of a term, for whoever looks. It is good until the term ends. */
export interface TermView {
  readonly epoch: number;
  /** When the term began, by ZooKeeper's clock. */
  readonly since: number;
  readonly planner: Planner;
  readonly flow: FlowBook;
  readonly failures: Failures;
  /** ZooKeeper's clock. */
  readonly now: () => number;
  /** False: the term is still reading. */
  readonly isWhole: () => boolean;
  readonly intake: () => IntakeState;
  /** Why no schedule fires now; null: they fire. */
  readonly firesHeld: () => { code: string; reason: string } | null;
  readonly workers: () => { accepting: number; draining: number };
  /** The worker's own word on a task that it runs; null: it says nothing. `worker`: its id. */
  readonly runningAt: (worker: string, task: string, attempt: number) => RunningTask | null;
  /** Null: there is no such task. */
  readonly why: (task: string) => WhyRecord | null;
  /** Advice for pools of workers. */
  readonly scale: () => readonly Advice[];
  /** The same for one; a text: why there is none. */
  readonly adviceFor: (pool: string) => Advice | string;
  readonly limits: () => Slices<LimitUseRecord[]>;
  /** The runs of flows; null: there are none, or the term is still reading. */
  readonly flows: () => Pick<Runs, 'view' | 'list' | 'counts' | 'groups' | 'group' | 'results' | 'tasksOf'> | null;
  /** The newest first, from this id on; null: all. */
  readonly broadcasts: (from: string | null) => Iterable<Broadcast>;
  /** Workers that died with work out, of the last ten minutes. */
  readonly workersLost: () => readonly TroubledWorker[];
  /** Workers that did not end tasks in time, as they were to, of the last ten minutes. */
  readonly workersSilent: () => readonly TroubledWorker[];
  /** Operations of the leader that ZooKeeper has not answered yet. */
  readonly backlog: () => number;
}
