import { batchIds, isFinal, type BatchId } from '@drover/core';
import type { BatchFact, TaskName } from '@drover/planner';
import { planPath, type BatchHeader, type FireRecord } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import {
  beginTerm,
  Book,
  dirtyPages,
  fireMoved,
  idOf,
  nextBackfills,
  nextVolley,
  reaim,
  reckonStale,
  settle,
  touchThoseWithoutTime,
  type Ask,
  type BookOptions,
  type Ended,
  type KeptFire,
  type NewBatch,
  type NewRun,
  type PageDraft,
  type Told,
  type Volley,
  type ZoneData,
} from '@drover/schedules';
import type { Operation } from '@drover/zookeeper';
import type { Asked } from '../commands/operations.js';
import type { TermContext } from '../term/term-context.js';
import type { FiredState, FireRuns, MadeRun, RunMoved } from './fire-runs.js';
import { decideHold, shownHold, type Hold } from './hold.decide.js';
import { loadSchedules } from './load.js';
import { batchOperation, draftOperations, headerOf, watchOf } from './operations.js';

/** Transactions with fires that are under way at a time. */
const VOLLEYS = 4;
/** Changes without a fire are written together, after this long. */
const LAZY_MS = 1_000;
/** While fires are held it is looked again whether they may go. */
const HELD_MS = 1_000;
const AGAIN_MS = 500;
/** Memory is not what is there: the next term reads it again. */
const BY_HAND: ReadonlySet<string> = new Set(['NO_NODE', 'NODE_EXISTS']);

/** Of `TasksWatcher`: batches that the leader creates itself. */
export interface OwnBatches {
  /** It is being created: the event of it is an echo. */
  creating(batch: BatchId): void;
  created(batch: BatchId, header: BatchHeader): void;
  forget(batch: BatchId): void;
  header(batch: BatchId): BatchHeader | undefined;
  batchesOfFires(): Iterable<[BatchId, BatchHeader & { fires: FireRecord[] }]>;
}

export interface SchedulesOptions {
  context: TermContext;
  tasks: OwnBatches;
  runs: FireRuns;
  /** A plan that is there, by its hash. */
  planOf: BookOptions['planOf'];
  maxClockSkewMs: number;
  retainMs: number;
  /** Why no tasks are accepted; `null`: they are. */
  closed: () => string | null;
  plan: (asked?: Asked) => void;
  /** `held` may be another one. */
  holdChanged: () => void;
  zoneData: ZoneData;
  /** Asks for ZooKeeper's time anew; a second later at most. */
  readClock: () => void;
}

/**
 * The schedules of one term: reads them at the takeover, fires them in the term's loop, and hears of the ends of their
 * tasks. Decisions are those of `@drover/schedules`; here they are written. Memory follows ZooKeeper: a decision counts
 * when its transaction was applied, and until then its pages are locked.
 */
export class Schedules {
  readonly book: Book;
  readonly #options: SchedulesOptions;
  /** Batches of fires that the takeover found; `null`: the term has begun. */
  #found: { batch: BatchId; header: BatchHeader }[] | null = [];
  #isRead = false;
  #since = Infinity;
  #hold: Hold | null = null;
  #isSkewed = false;
  #inFlight = 0;
  #turning = false;
  #flushing = false;
  /** A command changes schedules: nothing is fired meanwhile. */
  #exclusive = 0;
  readonly #idle = new Set<() => void>();

  constructor(options: SchedulesOptions) {
    this.#options = options;
    const { runtime } = options.context;
    const newId = batchIds(
      () => runtime.now(),
      () => runtime.random(),
    );
    const { retainMs, planOf, zoneData } = options;
    this.book = new Book({ retainMs, newId, kept: () => this.#kept(), planOf, zoneData });
  }

  /** Before the batches are read. */
  async load(): Promise<void> {
    await loadSchedules(this.#options.context, this.book);
  }

  /** A batch was read that has fires. */
  found(batch: BatchId, header: BatchHeader): void {
    if (this.#found === null || header.finished !== undefined) this.#learn(batch, header);
    else this.#found.push({ batch, header });
  }

  /** Everything that there is has been read. It begins when it is known how runs of flows stand. */
  begin(): void {
    this.#isRead = true;
    this.turn();
  }

  #begin(): void {
    const { clock, planner } = this.#options.context;
    const found = this.#found ?? [];
    // Ends that were read are found below.
    planner.takeEnded();
    this.#found = null;
    for (const { batch, header } of found) this.#learn(batch, header);
    this.#options.runs.takeMoved();
    for (const run of this.#options.runs.fired()) this.#learnRun(run);
    this.#since = clock.now();
    reaim(this.book, null, this.#since);
    this.#tellStale();
    beginTerm(this.book, this.#since, this.#looksSkewed());
  }

  #learnRun({ starts, id, fire, state, waits, endedAt }: FiredState): void {
    if (state === 'waiting' || state === 'running') this.book.learnFire(id, 0, fire, !waits, starts);
    else {
      const at = endedAt === null ? {} : { at: endedAt };
      this.book.learnEnd(fire, {
        n: fire.n,
        outcome: state,
        starts,
        task: idOf({ starts, batch: id, index: 0 }),
        ...at,
      });
    }
  }

  #learn(batch: BatchId, { fires = [], finished }: BatchHeader): void {
    const { planner } = this.#options.context;
    fires.forEach((fire, index) => {
      const state = planner.stateOf({ batch, index });
      if (state === null) return;
      if (state === 'ended' || isFinal(state)) {
        const outcome = state === 'ended' ? 'cancelled' : (state as Ended['outcome']);
        const at = finished === undefined ? {} : { at: finished.at };
        this.book.learnEnd(fire, { n: fire.n, outcome, starts: 'task', task: `${batch}.${index}`, ...at });
      } else this.book.learnFire(batch, index, fire, state !== 'scheduled');
    });
  }

  /** Looked through when a back-fill begins, or goes on in a new term. */
  *#kept(): Iterable<KeptFire> {
    const { context, tasks } = this.#options;
    for (const [batch, { fires }] of tasks.batchesOfFires())
      for (let index = 0; index < fires.length; index++) {
        const fire = fires[index];
        if (fire === undefined) continue;
        const { schedule, n, nominal, kind } = fire;
        const failed = context.planner.stateOf({ batch, index }) === 'failed';
        yield { schedule, n, nominal, kind, task: `${batch}.${index}`, failed };
      }
    for (const { starts, id, fire, state } of this.#options.runs.fired()) {
      const { schedule, n, nominal, kind } = fire;
      const task = idOf({ starts, batch: id, index: 0 });
      yield { schedule, n, nominal, kind, task, failed: state === 'failed' };
    }
  }

  /** After each plan: what has ended, what is due. */
  turn(): void {
    if (this.#turning || !this.#options.context.active() || !this.#mayBegin()) return;
    this.#turning = true;
    try {
      if (this.#found !== null) this.#begin();
      this.#takeEnded();
      settle(this.book, this.#options.context.clock.now(), this.#looksSkewed());
      this.#ask();
      this.#reckonStale();
      this.#fire();
      this.#tell(this.book.told.splice(0));
      if (this.book.dirty.size > 0) this.#flushLater();
    } finally {
      this.#turning = false;
    }
  }

  #mayBegin(): boolean {
    return this.#found === null || (this.#isRead && this.#options.runs.isSettled);
  }

  #tellStale(): void {
    const { context, zoneData } = this.#options;
    const versions = new Set([...this.book.stale].map(({ tz }) => tz ?? 'unknown'));
    for (const before of versions) context.log.event('tzdata.changed', { before, now: zoneData.version });
  }

  /** A part in each turn: nothing of these pages is due before. */
  #reckonStale(): void {
    if (this.book.stale.size === 0 || this.#exclusive > 0) return;
    reckonStale(this.book, this.#options.context.clock.now());
    if (this.book.stale.size > 0) this.#options.context.replan();
  }

  #takeEnded(): void {
    const { planner } = this.#options.context;
    for (const { batch, index, state } of planner.takeEnded()) {
      if (state !== 'again') fireMoved(this.book, batch, index, state);
      else {
        const fire = this.#options.tasks.header(batch)?.fires?.[index];
        if (fire !== undefined) this.book.learnFire(batch, index, fire, true);
      }
    }
    for (const moved of this.#options.runs.takeMoved()) this.#runMoved(moved);
  }

  #runMoved(moved: RunMoved): void {
    const { id, starts, how } = moved;
    if (how !== 'again') return fireMoved(this.book, id, 0, how);
    const fire = this.#options.runs.fireOf(moved);
    if (fire !== undefined) this.book.learnFire(id, 0, fire, true, starts);
  }

  /** Asks the planner, which tells of further ends: until nothing is left to be asked. */
  #ask(): void {
    const { context, plan } = this.#options;
    const { planner, clock } = context;
    while (this.book.asks.length > 0 && context.active()) {
      const all = this.book.asks.splice(0);
      for (const ask of all) if (ask.fire.starts !== 'task') this.#askRun(ask);
      const asks = all.filter(({ fire }) => fire.starts === 'task');
      for (const { kind, fire } of asks) if (kind === 'release') planner.release(taskOf(fire));
      for (const [reason, some] of byReason(asks)) {
        const of = (kind: Ask['kind']): TaskName[] =>
          some.filter((ask) => ask.kind === kind).map(({ fire }) => taskOf(fire));
        planner.cancel(of('cancel'), clock.now());
        planner.terminate(of('terminate'), clock.now());
        plan({ by: 'schedules', reason });
      }
      plan();
      this.#takeEnded();
      settle(this.book, clock.now(), this.#isSkewed);
    }
  }

  /** One that waits for its turn has begun nothing that would have to be cleaned up. */
  #askRun(ask: Ask): void {
    const { runs } = this.#options;
    if (ask.kind === 'release') return runs.release(ask.fire);
    runs.cancel(ask.fire, { reason: ask.reason, atOnce: ask.kind === 'terminate' || !ask.fire.released });
  }

  /** When there is something to do by time alone. */
  nextDueAt(): number | null {
    if (this.#found !== null) return null;
    const heldUntil = this.#options.context.clock.now() + HELD_MS;
    if (this.#isSkewed && this.book.names.size > 0) return heldUntil;
    if (this.#exclusive > 0 || this.#inFlight >= VOLLEYS) return null;
    const times = [this.book.nextDueAt, this.book.backfills.nextAt].filter((at) => at !== null);
    if (times.length === 0 && this.#hold === null) return null;
    return this.#hold === null ? Math.min(...times) : heldUntil;
  }

  #fire(): void {
    if (this.#exclusive > 0) return;
    const now = this.#options.context.clock.now();
    const isDue = [this.book.nextDueAt, this.book.backfills.nextAt].some((at) => at !== null && at <= now);
    if ((!isDue && this.#hold === null) || this.#isHeld(now)) return;
    const moment = { now, since: this.#since };
    while (this.#inFlight < VOLLEYS) {
      // Fires that are due now go before those that were due long ago.
      const volley = nextVolley(this.book, moment) ?? nextBackfills(this.book, moment);
      if (volley === null) return;
      this.#begun(volley);
    }
  }

  #begun(volley: Volley): void {
    inBackground(this.#write(volley), (error) => this.#options.context.broken(error));
  }

  /** By how much ZooKeeper's clock is ahead of this host's (behind it, where that is negative); `null`: they agree. */
  get skewMs(): number | null {
    const hold = decideHold(this.#clocks, null);
    return hold?.kind === 'skew' ? hold.aheadMs : null;
  }

  get #clocks(): { zookeeperMs: number; hostMs: number; maxSkewMs: number } {
    const { context, maxClockSkewMs } = this.#options;
    return { zookeeperMs: context.clock.now(), hostMs: context.runtime.now(), maxSkewMs: maxClockSkewMs };
  }

  /** When the clocks agree again, times that were not reckoned meanwhile are. */
  #looksSkewed(): boolean {
    const before = this.#isSkewed;
    this.#isSkewed = this.skewMs !== null;
    if (before && !this.#isSkewed) touchThoseWithoutTime(this.book);
    // With a wrong clock nothing may be due that is, and so nothing be written that tells the right one.
    if (this.#isSkewed && this.book.names.size > 0) this.#options.readClock();
    return this.#isSkewed;
  }

  /**
   * Looked at when something is due, and as long as fires are held. Times that became due meanwhile are caught up as after an
   * absence.
   */
  #isHeld(now: number): boolean {
    const before = this.#hold;
    this.#hold = decideHold(this.#clocks, this.#options.closed());
    if (before !== null && this.#hold === null) this.#since = now;
    if (before?.kind !== this.#hold?.kind) {
      this.#tellHold(before, this.#hold);
      this.#options.holdChanged();
    }
    return this.#hold !== null;
  }

  /** Why nothing fires now; `null`: it does. */
  get held(): ReturnType<typeof shownHold> {
    return shownHold(this.#hold);
  }

  #tellHold(before: Hold | null, after: Hold | null): void {
    const { log } = this.#options.context;
    if (after?.kind === 'skew') log.event('clock.skew', { aheadMs: after.aheadMs });
    else if (before?.kind === 'skew') log.event('clock.agrees', {});
    if (after?.kind === 'intake') log.event('schedule.held', { reason: after.reason });
  }

  /** Its pages are locked. A refusal changes nothing, here or in ZooKeeper: it is decided again, later. */
  async #write({ drafts, batches, runs, told }: Volley): Promise<void> {
    this.#inFlight++;
    const answer = await this.#attempt(drafts, { batches, runs });
    this.#inFlight--;
    if (answer === 'over') return;
    if (answer === 'refused') {
      this.#inFlight++;
      const active = await this.#options.context.later(AGAIN_MS);
      this.#inFlight--;
      if (!active) return;
      for (const { page } of drafts) this.book.unlock(page);
    } else this.#tell(told);
    this.#settled();
  }

  #settled(): void {
    if (this.#inFlight === 0) for (const wake of [...this.#idle]) wake();
    this.#options.context.replan();
  }

  /** One transaction: what is started, and the states of the pages. When it was applied it is true here. */
  async #attempt(
    drafts: readonly PageDraft[],
    { batches = [], runs = [], plans = [] }: Starts = {},
  ): Promise<'applied' | 'refused' | 'over'> {
    const { context, tasks } = this.#options;
    const at = context.clock.now();
    const created = batches.map((batch) => {
      const header = headerOf(batch, at, context.leader);
      return { batch, header, operation: batchOperation(batch, header) };
    });
    const made = runs.map((run): MadeRun => this.#options.runs.make(run, at));
    const operations: Operation[] = created.map(({ operation }) => operation);
    for (const run of made) operations.push(...run.operations);
    for (const plan of plans) operations.push({ op: 'check', path: planPath(plan), version: 'any' });
    for (const draft of drafts) operations.push(...draftOperations(draft));
    for (const { id } of batches) tasks.creating(id);
    this.#options.runs.creating(made);
    const answer = await context.writer.attempt(operations);
    if (answer === null || !context.active()) return 'over';
    if (!answer.applied) {
      for (const { id } of batches) tasks.forget(id);
      this.#options.runs.forget(made);
      if (BY_HAND.has(answer.code)) {
        context.fail(`${answer.path} was changed by hand`);
        return 'over';
      }
      context.refused(answer);
      return 'refused';
    }
    this.book.commit(drafts, batches, runs);
    this.#options.runs.created(made, { at, order: answer.zxid });
    this.#late(runs.map(({ fire }) => fire));
    for (const { batch, header, operation } of created)
      this.#created(batch, header, { at, bytes: operation.data.length, order: answer.zxid });
    return 'applied';
  }

  #created(
    { id, fires }: NewBatch,
    header: BatchHeader,
    { at, bytes, order }: { at: number; bytes: number; order: bigint },
  ): void {
    const { context, tasks } = this.#options;
    const { queue, groups, needs = [] } = header;
    const fact: BatchFact = { id, queue, groups, submittedAt: at, bytes, order, needs, watch: watchOf(header) };
    tasks.created(id, header);
    context.planner.batch(fact);
    context.loaded();
    this.#late(fires);
  }

  #late(fires: readonly FireRecord[]): void {
    const { clock, metrics } = this.#options.context;
    for (const { due, kind } of fires)
      if (kind !== 'backfill')
        metrics.observe('drover_fire_lateness_seconds', {}, Math.max(0, clock.now() - due) / 1_000);
  }

  #tell(told: readonly Told[]): void {
    const { log, metrics } = this.#options.context;
    for (const each of told)
      switch (each.event) {
        case 'missed':
          metrics.count('drover_missed_fires_total', {}, each.missed);
          log.event('schedule.missed', pick(each, ['schedule', 'missed', 'reason', 'nominal']));
          break;
        case 'paused':
          log.event('schedule.paused', pick(each, ['schedule', 'reason']));
          break;
        case 'broken':
          log.event('schedule.broken', pick(each, ['schedule', 'reason']));
          break;
        case 'backfilled':
          log.event('schedule.backfilled', pick(each, ['schedule', 'backfill', 'fired', 'skipped']));
          break;
        case 'decided':
          metrics.count('drover_fires_total', { outcome: each.outcome }, each.count);
      }
  }

  #flushLater(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    inBackground(this.#flush(), (error) => this.#options.context.broken(error));
  }

  async #flush(): Promise<void> {
    const active = await this.#options.context.later(LAZY_MS);
    this.#flushing = false;
    if (!active || this.#exclusive > 0) return;
    const writes = dirtyPages(this.book).map((draft) =>
      this.#write({ drafts: [draft], batches: [], runs: [], told: [] }),
    );
    await Promise.all(writes);
  }

  // --- Commands

  /** Nothing is fired and nothing is being written while `work` goes on.*/
  async exclusively<T>(work: (write: WriteDrafts) => Promise<T>): Promise<T> {
    this.#exclusive++;
    try {
      while (this.#inFlight > 0)
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            this.#idle.delete(wake);
            resolve();
          };
          this.#idle.add(wake);
        });
      return await work((drafts, starts) => this.#attempt(drafts, starts));
    } finally {
      this.#exclusive--;
      this.#options.context.replan();
    }
  }
}

/** All that a transaction starts. `plans`: hashes of plans that must be there. */
interface Starts {
  readonly batches?: readonly NewBatch[];
  readonly runs?: readonly NewRun[];
  readonly plans?: readonly string[];
}

/** Writes drafts, and what they start, in one transaction. */
export type WriteDrafts = (drafts: readonly PageDraft[], starts?: Starts) => Promise<'applied' | 'refused' | 'over'>;

const taskOf = ({ batch, index }: Ask['fire']): TaskName => ({ batch, index });

function byReason(asks: readonly Ask[]): Map<string, Ask[]> {
  const groups = new Map<string, Ask[]>();
  for (const ask of asks) {
    if (ask.kind === 'release') continue;
    const group = groups.get(ask.reason);
    if (group === undefined) groups.set(ask.reason, [ask]);
    else group.push(ask);
  }
  return groups;
}

function pick<T extends object, Name extends keyof T>(from: T, names: readonly Name[]): Pick<T, Name> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, Name>;
}
