import type { Planner } from '@drover/planner';
import type { LimitUseRecord, WhyRecord, WorkerRecord } from '@drover/protocol';
import type { IntakeState } from '../term/intake.decide.js';
import type { Failures } from './failures.js';
import type { FlowBook } from './flow-book.js';
import type { LostWorker } from './term-news.js';

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
  readonly limits: () => readonly LimitUseRecord[];
  /** Workers that died with work out, of the last ten minutes. */
  readonly workersLost: () => readonly LostWorker[];
  /** Operations of the leader that ZooKeeper has not answered yet. */
  readonly backlog: () => number;
}
