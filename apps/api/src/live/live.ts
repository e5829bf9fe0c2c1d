import { compareRevisions, formatRevision, type Facts, type QueueLive, type Revision } from '@drover/api';
import type { Runtime } from '@drover/runtime';
import { sees, type Caller } from '../access/caller.js';
import { Failures, type FailureEntry } from './failures.js';
import { Rates, type Totals } from './rates.js';
import { RANGES, Series, SERIES_NAMES, type Range, type SeriesName } from './series.js';

/** Queues of which series and rates are kept. */
const QUEUES_WITH_SERIES = 50;
const QUEUES_KEPT = 20_000;
/** Messages of the leader that streams can go back to. */
const CHANGES_KEPT = 5_000;
const SAMPLE_MS = 1_000;
const STEP_MS = 10_000;

/** The changes that one message of the leader told. */
export interface Change {
  readonly revision: Revision;
  readonly at: number;
  readonly queues: readonly string[];
  readonly failures: readonly FailureEntry[];
  readonly failuresLeftOut: number;
  /** Something that is of no queue: workers, the intake. */
  readonly shared: boolean;
  readonly workers: boolean;
  readonly schedules: boolean;
  readonly flows: Facts['flows'];
  readonly broadcasts: Facts['broadcasts'];
}

export type LiveListener = (what: 'change' | 'reset' | 'silent', change: Change | null) => void;

/** The counters as the leader told them last. */
export type Counters = Pick<
  Facts,
  | 'tally'
  | 'totals'
  | 'oldestDueAt'
  | 'unservedTypes'
  | 'intake'
  | 'firesHeld'
  | 'workers'
  | 'workersLost'
  | 'workersSilent'
  | 'since'
  | 'whole'
  | 'at'
>;

interface QueueHistory {
  readonly rates: Rates;
  readonly series: Map<SeriesName, Series>;
  totals: Totals | null;
}

/** Everything that a replica which begins to follow cannot know yet. Plain data. */
export interface Snapshot {
  facts: Facts | null;
  failures: readonly FailureEntry[];
  series: Record<string, Record<Range, { from: number; values: (number | null)[] }>>;
}

/**
 * The leader's account: counters, failures, events, and their history. At the leader it hears its own scheduler, at other
 * replicas the leader's API, so that every replica can answer, and whoever leads next has heard all along.
 */
export class Live {
  readonly failures = new Failures();
  readonly #runtime: Runtime;
  readonly #listeners = new Set<LiveListener>();
  readonly #followers = new Set<(facts: Facts) => void>();
  readonly #queues = new Map<string, QueueLive>();
  readonly #rates = new Rates();
  readonly #series = new Map<SeriesName, Series>(SERIES_NAMES.map((name) => [name, new Series()]));
  readonly #histories = new Map<string, QueueHistory>();
  readonly #changes: Change[] = [];
  #counters: Counters | null = null;
  #revision: Revision | null = null;
  /** The last message of this epoch that told something of each queue, and of what is of no queue. */
  readonly #toldOf = new Map<string, Revision>();
  #toldAll: Revision | null = null;
  /** The last revision before those of `#changes`; null: nothing was dropped. */
  #droppedTo: Revision | null = null;
  #speaks = false;
  #heardAt = 0;
  #step: number;
  #stepTotals: Totals | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#step = Math.floor(runtime.now() / STEP_MS);
  }

  /** Null: no leader has told anything yet. */
  get counters(): Counters | null {
    return this.#counters;
  }

  get epoch(): number | null {
    return this.#revision?.epoch ?? null;
  }

  get position(): Revision | null {
    return this.#revision;
  }

  /** `epoch.n` of the last message; null: there was none. */
  get revision(): string | null {
    return this.#revision === null ? null : formatRevision(this.#revision);
  }

  /**
   * The last message that told something which the caller may see: what happens in other queues does not move it. For a caller who
   * sees all queues that of the last message.
   */
  positionFor(caller: Caller): Revision | null {
    if (caller.queues === null) return this.#revision;
    let last = this.#toldAll;
    for (const [name, told] of this.#toldOf)
      if (sees(caller, name) && (last === null || compareRevisions(told, last) > 0)) last = told;
    return last;
  }

  /** The same as text. */
  revisionFor(caller: Caller): string | null {
    const position = this.positionFor(caller);
    return position === null ? null : formatRevision(position);
  }

  /** Whether a leader is being heard now. */
  get speaks(): boolean {
    return this.#speaks;
  }

  /** How long ago the leader was heard last, in milliseconds. */
  get ageMs(): number {
    return this.#runtime.monotonic() - this.#heardAt;
  }

  queue(name: string): QueueLive | null {
    return this.#queues.get(name) ?? null;
  }

  queues(): IterableIterator<QueueLive> {
    return this.#queues.values();
  }

  /** Per second, over the last 10 s. */
  rates(queue?: string): Totals {
    return (queue === undefined ? this.#rates : this.#histories.get(queue)?.rates)?.get() ?? NO_RATES;
  }

  series(metric: SeriesName, queue: string | null, range: Range): ReturnType<Series['read']> {
    const series = queue === null ? this.#series.get(metric) : this.#histories.get(queue)?.series.get(metric);
    return (series ?? new Series()).read(range, this.#runtime.now());
  }

  onChange(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls `listener` with the leader's messages as they were told, for those that follow this replica. */
  onFacts(listener: (facts: Facts) => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  /**
   * Changes behind a revision, the oldest first. `complete` false: some of them are not known any more. Null: it is of another
   * epoch, or of none, so that everything has to be shown again.
   */
  changesAfter(revision: Revision): { changes: readonly Change[]; complete: boolean } | null {
    if (this.#revision === null || revision.epoch !== this.#revision.epoch || revision.n > this.#revision.n)
      return null;
    const first = this.#changes.findIndex((change) => compareRevisions(change.revision, revision) > 0);
    const complete = this.#droppedTo === null || compareRevisions(revision, this.#droppedTo) >= 0;
    return { changes: first < 0 ? [] : this.#changes.slice(first), complete };
  }

  /** The leader lives, and nothing has changed. */
  heard(): void {
    this.#heardAt = this.#runtime.monotonic();
  }

  /** No leader is heard any more. Its last words stay, and grow old. */
  silent(): void {
    if (!this.#speaks) return;
    this.#speaks = false;
    this.#tell('silent', null);
  }

  /** A message of the leader. One of an earlier epoch, or one that was heard already, changes nothing. */
  apply(facts: Facts): void {
    if (facts.epoch === null) return this.silent();
    const revision = { epoch: facts.epoch, n: facts.n };
    const before = this.#revision;
    if (before !== null && revision.epoch < before.epoch) return;
    this.heard();
    const isNewEpoch = before === null || revision.epoch > before.epoch;
    if (!isNewEpoch && revision.n <= before.n) {
      // The same leader is heard again, and has nothing new to say.
      this.#speaks = true;
      return;
    }
    if (isNewEpoch) this.#beginEpoch();
    this.#revision = revision;
    const isShared = isNewEpoch || facts.workersChanged || this.#isSharedNews(facts);
    this.#merge(facts);
    const change = this.#remember(revision, facts, isShared);
    const isBack = !this.#speaks;
    this.#speaks = true;
    if (isNewEpoch || isBack) this.#tell('reset', change);
    this.#tell('change', change);
    for (const follower of [...this.#followers]) follower(facts);
  }

  snapshot(): Snapshot {
    const range = (name: SeriesName, of: Range) => {
      const { from, values } = this.series(name, null, of);
      return { from, values };
    };
    return {
      facts: this.#factsNow(),
      failures: this.failures.all(),
      series: Object.fromEntries(
        SERIES_NAMES.map((name) => [name, { '1h': range(name, '1h'), '24h': range(name, '24h') }]),
      ),
    };
  }

  /** Takes from another replica what this one has not heard itself. */
  restore({ facts, failures, series }: Snapshot): void {
    if (this.failures.all().length === 0) for (const failure of failures) this.failures.add(failure);
    for (const name of SERIES_NAMES)
      for (const range of Object.keys(RANGES) as Range[]) {
        const values = series[name]?.[range];
        if (values !== undefined) this.#series.get(name)?.fill(range, values);
      }
    if (facts !== null) this.apply(facts);
  }

  /** To be called about once a second: takes samples for rates and series. */
  tick(): void {
    const now = this.#runtime.now();
    this.#sample();
    const step = Math.floor(now / STEP_MS);
    if (step === this.#step) return;
    this.#step = step;
    this.#endStep(step * STEP_MS);
  }

  #sample(): void {
    const at = this.#runtime.monotonic();
    const totals = this.#counters?.totals;
    if (!this.#speaks || totals === null || totals === undefined) return;
    this.#rates.add(at, totals);
    for (const [name, { rates }] of this.#histories) {
      const queue = this.#queues.get(name);
      if (queue !== undefined) rates.add(at, queue);
    }
  }

  #endStep(now: number): void {
    const counters = this.#speaks ? this.#counters : null;
    const oldest = counters?.oldestDueAt ?? null;
    const add = (name: SeriesName, value: number | undefined): void => this.#series.get(name)?.add(now, value ?? NaN);
    this.#addRates(this.#series, now, this.#stepTotals, counters?.totals ?? null);
    this.#stepTotals = counters?.totals ?? null;
    add('pending', counters?.tally?.pending);
    add('out', counters?.tally?.out);
    add('oldestPendingMs', counters === null ? undefined : oldest === null ? 0 : Math.max(0, now - oldest));
    add('busy', counters?.workers?.busy);
    add('slots', counters?.workers?.slots);
    for (const [name, history] of this.#histories) this.#endStepOf(name, history, now);
  }

  #endStepOf(name: string, history: QueueHistory, now: number): void {
    const queue = this.#speaks ? (this.#queues.get(name) ?? null) : null;
    const add = (metric: SeriesName, value: number | undefined): void =>
      seriesOf(history, metric).add(now, value ?? NaN);
    for (const metric of ['submitted', 'finished', 'failed'] as const) seriesOf(history, metric);
    this.#addRates(history.series, now, history.totals, queue);
    history.totals =
      queue === null ? null : { submitted: queue.submitted, finished: queue.finished, failed: queue.failed };
    add('pending', queue?.pending);
    add('out', queue?.out);
    add(
      'oldestPendingMs',
      queue === null ? undefined : queue.oldestDueAt === null ? 0 : Math.max(0, now - queue.oldestDueAt),
    );
  }

  #addRates(series: ReadonlyMap<SeriesName, Series>, now: number, before: Totals | null, after: Totals | null): void {
    for (const metric of ['submitted', 'finished', 'failed'] as const) {
      const grown = before === null || after === null ? NaN : after[metric] - before[metric];
      // Totals are those of a term: a new one begins at 0.
      series.get(metric)?.add(now, (grown < 0 ? NaN : grown) / (STEP_MS / SAMPLE_MS));
    }
  }

  #beginEpoch(): void {
    this.#queues.clear();
    this.#toldOf.clear();
    this.#rates.clear();
    for (const history of this.#histories.values()) {
      history.rates.clear();
      history.totals = null;
    }
    this.#stepTotals = null;
    this.#changes.length = 0;
    this.#droppedTo = null;
    this.#counters = null;
  }

  #merge(facts: Facts): void {
    const before = this.#counters;
    this.#counters = {
      at: facts.at,
      since: facts.since ?? before?.since ?? null,
      whole: facts.whole,
      tally: facts.tally ?? before?.tally ?? null,
      totals: facts.totals ?? before?.totals ?? null,
      oldestDueAt: facts.oldestDueAt,
      unservedTypes: facts.unservedTypes,
      intake: facts.intake ?? before?.intake ?? null,
      firesHeld: facts.firesHeld,
      workers: facts.workers ?? before?.workers ?? null,
      workersLost: facts.workersLost,
      workersSilent: facts.workersSilent ?? [],
    };
    for (const queue of facts.queues) this.#mergeQueue(queue);
    for (const failure of facts.failures) this.failures.add(failure);
    if (facts.failuresLeftOut > 0) this.failures.leaveOut(facts.failuresLeftOut);
  }

  #mergeQueue(queue: QueueLive): void {
    const { name } = queue;
    this.#queues.set(name, queue);
    if (this.#queues.size > QUEUES_KEPT) this.#dropQueues();
    if (this.#histories.has(name) || this.#histories.size >= QUEUES_WITH_SERIES) return;
    this.#histories.set(name, { rates: new Rates(), series: new Map(), totals: null });
  }

  #dropQueues(): void {
    for (const [name, { scheduled, pending, out, retrying }] of this.#queues)
      if (scheduled + pending + out + retrying === 0) {
        this.#queues.delete(name);
        this.#toldOf.delete(name);
      }
  }

  #isSharedNews({ intake, firesHeld, whole }: Facts): boolean {
    const before = this.#counters;
    if (before === null) return true;
    const now = JSON.stringify([intake ?? before.intake, firesHeld, whole]);
    return now !== JSON.stringify([before.intake, before.firesHeld, before.whole]);
  }

  #remember(revision: Revision, facts: Facts, shared: boolean): Change {
    const change: Change = {
      revision,
      at: facts.at,
      queues: facts.queues.map(({ name }) => name),
      failures: facts.failures,
      failuresLeftOut: facts.failuresLeftOut,
      shared,
      workers: facts.workersChanged,
      schedules: facts.schedulesChanged,
      flows: facts.flows,
      broadcasts: facts.broadcasts,
    };
    if (shared) this.#toldAll = revision;
    for (const name of queuesOf(change)) this.#toldOf.set(name, revision);
    this.#changes.push(change);
    if (this.#changes.length > CHANGES_KEPT * 1.1) {
      const dropped = this.#changes.splice(0, this.#changes.length - CHANGES_KEPT);
      this.#droppedTo = dropped.at(-1)?.revision ?? this.#droppedTo;
    }
    return change;
  }

  /** One message that says all that is known now. */
  #factsNow(): Facts | null {
    if (this.#revision === null || this.#counters === null || !this.#speaks) return null;
    return {
      ...this.#counters,
      ...this.#revision,
      queues: [...this.#queues.values()],
      failures: [],
      failuresLeftOut: 0,
      workersChanged: true,
      schedulesChanged: true,
      flows: [],
      broadcasts: [],
    };
  }

  #tell(what: Parameters<LiveListener>[0], change: Change | null): void {
    for (const listener of [...this.#listeners]) listener(what, change);
  }
}

/** Queues of which a change tells. */
export const queuesOf = ({ queues, failures, flows, broadcasts }: Change): string[] => [
  ...queues,
  ...[...failures, ...flows, ...broadcasts].map(({ queue }) => queue),
];

const NO_RATES: Totals = { submitted: 0, finished: 0, failed: 0 };

function seriesOf({ series }: QueueHistory, metric: SeriesName): Series {
  const found = series.get(metric) ?? new Series();
  series.set(metric, found);
  return found;
}
