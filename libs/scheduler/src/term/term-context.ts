import type { FencedWriter } from '@drover/coordination';
import type { Log, Metrics } from '@drover/observability';
import type { Planner } from '@drover/planner';
import { messageOf, type Runtime } from '@drover/runtime';
import type { ErrorCode, ZooKeeper } from '@drover/zookeeper';
import type { Failures } from '../read-model/failures.js';
import type { FlowBook } from '../read-model/flow-book.js';
import type { TermNews, TroubledWorkers } from '../read-model/term-news.js';
import type { Room } from './room.js';
import type { TermClock } from './term-clock.js';

/** The things that the parts of one term share. Nothing of it outlives the term. */
export interface TermContext {
  readonly epoch: number;
  /** Id of this scheduler. */
  readonly leader: string;
  readonly zk: ZooKeeper;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: TermClock;
  readonly planner: Planner;
  readonly writer: FencedWriter;
  /** Counters and the like that are kept for whoever looks; no decision depends on them. */
  readonly flow: FlowBook;
  readonly failures: Failures;
  /** Those that were gone with work out. */
  readonly lostWorkers: TroubledWorkers;
  /** Those that did not end work in time, as they were to. */
  readonly silentWorkers: TroubledWorkers;
  readonly news: TermNews;
  /** False when the term is over: drop what an `await` brought. */
  active(): boolean;
  /** Whether ZooKeeper has room for more. */
  readonly room: Room;
  /** Resolves after `delayMs`, or with `false` when the term is over. */
  later(delayMs: number): Promise<boolean>;
  /** ZooKeeper refused a write that the term can do without: reports it. */
  refused(refusal: { code: ErrorCode; path: string }): void;
  /** The leader learned of a batch: the system may be full. */
  loaded(): void;
  /** Something changed: plan in this turn. */
  replan(): void;
  /** A name carries this epoch, which is not below ours: somebody removed or rewrote `/epoch`. Ends the term. */
  epochUsed(epoch: number): void;
  /** The term cannot go on. `reason` is for operators. */
  fail(reason: string): void;
  /** The same for an error that nobody expected: a fault of this program, or a ZooKeeper that refuses. */
  broken(error: unknown): void;
}

/** A znode is not what it should be: told, skipped. */
export function reportInvalid({ log, metrics }: TermContext, path: string, reason: unknown): void {
  log.event('record.invalid', { path, reason: messageOf(reason) });
  metrics.count('drover_invalid_records_total', {});
}
