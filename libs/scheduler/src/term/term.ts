import { ensureLayout, FencedWriter, type Leadership, type WriteFailure } from '@drover/coordination';
import { batchIds, SCHEDULING_DEFAULTS } from '@drover/core';
import { Planner } from '@drover/planner';
import { assignmentName } from '@drover/protocol';
import { inBackground, messageOf, uncaught, type Timer } from '@drover/runtime';
import { isZooKeeperError, needNotSucceed, type WatchHandle } from '@drover/zookeeper';
import { Broadcasts } from '../broadcasts/broadcasts.js';
import { CommandExecutor } from '../commands/command-executor.js';
import { Erasures } from '../commands/erasures.js';
import { KeyedRetries } from '../commands/keyed-retries.js';
import type { Asked } from '../commands/operations.js';
import { Assignments } from '../facts/assignments.js';
import { Deaths } from '../facts/deaths.js';
import { QueuesWatcher } from '../facts/queues-watcher.js';
import { TasksWatcher } from '../facts/tasks-watcher.js';
import { afterwards, type Stretch } from '../facts/unfinished-ids.js';
import { WorkersWatcher } from '../facts/workers-watcher.js';
import { FlowRequests } from '../flows/flow-requests.js';
import { Flows } from '../flows/flows.js';
import { DefinitionRequests } from '../definitions/definition-requests.js';
import { Definitions } from '../definitions/definitions.js';
import { LimitRequests } from '../limits/limit-requests.js';
import { Limits } from '../limits/limits.js';
import { Failures } from '../read-model/failures.js';
import { FlowBook } from '../read-model/flow-book.js';
import type { ReadModel } from '../read-model/read-model.js';
import { TroubledWorkers } from '../read-model/term-news.js';
import type { TermView } from '../read-model/term-view.js';
import { explainer, type TermExplainer } from '../requests/explainer.js';
import { addressesOf } from '../requests/requests.decide.js';
import { Requests } from '../requests/requests.js';
import { answerScale, whyNoAdvice } from '../scaling/scale-requests.js';
import { Scaling } from '../scaling/scaling.js';
import { FireRuns } from '../schedules/fire-runs.js';
import { ScheduleRequests } from '../schedules/schedule-requests.js';
import { Schedules } from '../schedules/schedules.js';
import { OWN_ZONE_DATA } from '../schedules/zone-data.js';
import type { SchedulerOptions } from '../scheduler-options.js';
import { Intake } from './intake.js';
import { Refusals } from './refusals.js';
import { Room } from './room.js';
import { StatusWriter } from './status-writer.js';
import { statusBefore, takeOver, type Watchers } from './takeover.js';
import { TermClock } from './term-clock.js';
import type { TermContext } from './term-context.js';

export interface TermOptions {
  leadership: Leadership;
  scheduler: SchedulerOptions;
  /** Looks at what the term knows, while it lasts. */
  readModel: ReadModel;
  /** Whether the session and its lease are good now. */
  valid: () => boolean;
  /** There was an epoch of this number before: the next one must be higher. */
  passed: (epoch: number) => void;
  /** Called at most once, and not after `end`: the term cannot go on. */
  failed: (reason: string) => void;
}

/** The longest sleep: what is due later is looked at again on the way. */
const MAX_SLEEP_MS = 60_000;
/** Of ids of unfinished batches in `/status`, 25 bytes each. */
const MOST_STRETCHES = 32;

/**
 * One epoch of this scheduler as the leader, from the moment it was won until it is lost: takes over, then lets events
 * and time drive the planner, and makes its commands true. All of the leader's memory lives and dies with it.
 */
export class Term {
  readonly #options: TermOptions;
  readonly #context: TermContext;
  readonly #deaths: Deaths;
  readonly #waits = new Set<Wait>();
  readonly #watchers: Watchers;
  readonly #executor: CommandExecutor;
  readonly #requests: Requests;
  readonly #schedules: Schedules;
  readonly #flows: Flows;
  readonly #broadcasts: Broadcasts;
  readonly #limitRequests: LimitRequests;
  readonly #explain: TermExplainer;
  readonly #limits: Limits;
  readonly #definitions: Definitions;
  readonly #scaling: Scaling;
  readonly #status: StatusWriter;
  readonly #intake: Intake;
  readonly #watches: WatchHandle[] = [];
  #active = true;
  #planning = false;
  /** Everything that was there at the takeover has been read. */
  #isWhole = false;
  /** The unfinished batches, as the earlier leader listed them. */
  #advice: readonly Stretch[] = [];
  #planned = false;
  #timer: Timer | null = null;

  constructor(options: TermOptions) {
    this.#options = options;
    this.#context = this.#createContext();
    this.#deaths = new Deaths(this.#context);
    this.#watchers = this.#createWatchers();
    const { tasks, assignments, workers, queues } = this.#watchers;
    this.#limits = new Limits(this.#context);
    this.#definitions = new Definitions(this.#context);
    this.#scaling = new Scaling({ context: this.#context, definitions: this.#definitions, workers, assignments });
    const newBatchId = batchIds(
      () => this.#context.clock.now(),
      () => this.#context.runtime.random(),
    );
    this.#executor = new CommandExecutor({
      ...{ context: this.#context, tasks, assignments, workers, deaths: this.#deaths, limits: this.#limits },
      newBatchId,
    });
    this.#intake = new Intake(this.#context, options.scheduler.intake);
    this.#status = new StatusWriter(this.#context, {
      ...{ queues, tasks, intake: this.#intake, limits: this.#limits },
      unfinishedIds: () => (this.#isWhole ? tasks.unfinishedIds(MOST_STRETCHES) : this.#advice),
      isWhole: () => this.#isWhole,
      firesHeld: () => this.#schedules.held,
      removalsRefused: () => this.#executor.removalsRefused,
      scale: () => this.#scaling.record(),
    });
    const keyedRetries = new KeyedRetries(this.#context, tasks, this.#executor);
    const closed = (): string | null => (this.#intake.state.open ? null : this.#intake.state.reason);
    const {
      maxClockSkewMs = SCHEDULING_DEFAULTS.maxClockSkewMs,
      planner,
      zoneData = OWN_ZONE_DATA,
    } = options.scheduler;
    this.#broadcasts = new Broadcasts({
      ...{ context: this.#context, tasks, newBatchId, retainMs: planner.retainMs },
      workers: () => workers.candidates(),
      plan: (asked) => this.#plan(asked),
    });
    tasks.onParts({
      found: (batch, header) => this.#broadcasts.part(batch, header),
      gone: (batch, header) => this.#broadcasts.partGone(batch, header),
    });
    workers.onChange((candidate) => this.#broadcasts.workerChanged(candidate));
    tasks.onFires((batch, header) => this.#schedules.found(batch, header));
    this.#flows = new Flows({
      ...{ context: this.#context, tasks, retention: planner },
      needsPlan: (plan) => this.#schedules.book.needsPlan(plan),
      plan: (asked) => this.#plan(asked),
    });
    tasks.onSteps(this.#flows);
    const runs = new FireRuns({ context: this.#context, flows: this.#flows, broadcasts: this.#broadcasts });
    this.#schedules = new Schedules({
      ...{ context: this.#context, tasks, runs, maxClockSkewMs, retainMs: planner.retainMs, closed, zoneData },
      planOf: (plan) => this.#flows.book.planOf(plan),
      holdChanged: () => this.#status.touch(),
      plan: (asked) => this.#plan(asked),
      readClock: () => this.#status.again(),
    });
    const schedules = new ScheduleRequests(this.#context, this.#schedules, this.#flows, closed);
    const erasures = new Erasures(this.#context, tasks, this.#executor, this.#deaths);
    this.#limitRequests = new LimitRequests(this.#context, this.#limits);
    this.#explain = explainer(this.#context, queues, this.#flows);
    this.#requests = new Requests({
      ...{ context: this.#context, workers, assignments, queues, tasks, keyedRetries, erasures, schedules },
      broadcasts: this.#broadcasts,
      newBatchId,
      ...{ limits: this.#limitRequests, explain: this.#explain },
      definitions: new DefinitionRequests(this.#context, this.#definitions),
      scale: (request) => answerScale(request, { scaling: this.#scaling, definitions: this.#definitions }),
      flows: new FlowRequests(this.#context, this.#flows, (asked) => this.#plan(asked)),
      plan: (asked) => this.#plan(asked),
      settled: (batches) => this.#executor.settled(batches),
    });
  }

  get epoch(): number {
    return this.#options.leadership.epoch;
  }

  /** For whoever looks: reads memory alone. */
  get view(): TermView {
    const { planner, flow, failures, lostWorkers, silentWorkers, clock, writer, epoch } = this.#context;
    const { workers } = this.#watchers;
    return {
      ...{ epoch, planner, flow, failures, since: flow.since },
      now: () => clock.now(),
      isWhole: () => this.#isWhole,
      intake: () => this.#intake.state,
      firesHeld: () => this.#schedules.held,
      workers: () => workers.counts(),
      runningAt: (worker, task, attempt) => workers.runningAt(worker, task, attempt),
      why: (task) => {
        const [address = null] = addressesOf([task]);
        return address === null ? null : this.#explain(address);
      },
      limits: () => this.#limitRequests.all(),
      scale: () => this.#scaling.all(),
      adviceFor: (pool) => this.#scaling.advice(pool) ?? whyNoAdvice(pool, this.#definitions),
      flows: () => this.#flows.usedBook,
      broadcasts: (from) => this.#broadcasts.book.downFrom(from),
      workersLost: () => lostWorkers.lately(clock.now()),
      workersSilent: () => silentWorkers.lately(clock.now()),
      backlog: () => writer.backlog,
    };
  }

  /** Takes over and begins to assign. Failures are told by `failed`. */
  async begin(): Promise<void> {
    try {
      await this.#begin();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Ends it in memory, at once: no write follows. */
  end(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#context.writer.end();
    this.#timer?.cancel();
    for (const { timer, resolve } of this.#waits) {
      timer.cancel();
      resolve(false);
    }
    this.#waits.clear();
    this.#status.stop();
    const { workers, queues } = this.#watchers;
    for (const watch of this.#watches) close(watch);
    for (const watcher of [workers, queues, this.#requests]) inBackground(watcher.stop(), uncaught);
  }

  #own(watch: WatchHandle): void {
    if (this.#active) this.#watches.push(watch);
    else close(watch);
  }

  #createContext(): TermContext {
    const { leadership, scheduler, readModel, valid } = this.#options;
    const { epoch, version, zk } = leadership;
    const { runtime, log, metrics, id } = scheduler;
    const writer = new FencedWriter({
      ...{ zk, version, valid, runtime, metrics },
      failed: (failure) => this.#writeFailed(failure),
    });
    const clock = new TermClock(runtime, leadership.written);
    const flow = new FlowBook(clock.now());
    const planner = new Planner({
      flow,
      strategy: scheduler.strategy(),
      settings: scheduler.planner,
      assignmentId: (batch, n) => assignmentName(batch, { epoch, n }),
    });
    const refusals = new Refusals(log, runtime);
    const later = (delayMs: number): Promise<boolean> => this.#later(delayMs);
    const broken = (error: unknown): void => this.#broken(error);
    const room = new Room({ writer, log, later, broken }, () => this.#roomChanged());
    return {
      ...{ epoch, zk, runtime, log, metrics, writer, planner, room, later },
      leader: id,
      refused: ({ code, path }) => {
        if (code === 'QUOTA_EXCEEDED') room.exceeded(path);
        else refusals.tell(code, path);
      },
      loaded: () => {
        if (this.#isWhole) this.#intake.touch();
      },
      ...{ clock, flow, failures: new Failures(), news: readModel.news },
      ...{ lostWorkers: new TroubledWorkers(), silentWorkers: new TroubledWorkers() },
      active: () => this.#active,
      epochUsed: (used) => this.#epochUsed(used),
      replan: () => this.#replan(),
      fail: (reason) => this.#fail(reason),
      broken,
    };
  }

  #createWatchers(): Watchers {
    const workers = new WorkersWatcher(this.#context);
    const assignments = new Assignments(
      this.#context,
      (worker) => workers.present(worker),
      (assignment) => tasks.assignmentVanished(assignment),
    );
    const tasks: TasksWatcher = new TasksWatcher(this.#context, assignments, this.#deaths);
    return { tasks, assignments, workers, queues: new QueuesWatcher(this.#context) };
  }

  async #begin(): Promise<void> {
    const { epoch, runtime, log, metrics, zk } = this.#context;
    const { factory, zookeeper } = this.#options.scheduler;
    const begunAt = runtime.monotonic();
    // Somebody may have removed fixed znodes by hand, and with that ended the term before.
    await ensureLayout({ zk, factory, options: { ...zookeeper, runtime } });
    if (!this.#active) return;
    const before = await statusBefore(this.#context);
    this.#advice = before.unfinishedIds ?? [];
    this.#scaling.resume(before.scale);
    const own = (watch: WatchHandle): void => this.#own(watch);
    await Promise.all([
      ...[this.#schedules.load(), this.#limits.load(), this.#definitions.load()],
      this.#flows.load(own),
    ]);
    if (!this.#context.active()) return;
    const takenOver = await takeOver(this.#context, this.#watchers, own);
    if (takenOver === null) return;
    const { tasks, assignments } = this.#watchers;
    const tookMs = runtime.monotonic() - begunAt;
    log.event('term.began', { epoch, assignments: assignments.count, tookMs: Math.round(tookMs) });
    metrics.observe('drover_takeover_seconds', {}, tookMs / 1_000);
    this.#planning = true;
    this.#plan();
    takenOver.settle();
    this.#own(await this.#broadcasts.watch());
    await Promise.all([tasks.loadAll([...this.#advice, afterwards(this.#advice)]), this.#broadcasts.load()]);
    await tasks.caughtUp();
    if (!this.#context.active()) return;
    this.#isWhole = true;
    const loadedMs = Math.round(runtime.monotonic() - begunAt);
    log.event('term.loaded', { epoch, ...tasks.totals, tookMs: loadedMs });
    this.#broadcasts.begin();
    this.#plan();
    this.#schedules.begin();
    await this.#flows.begin();
    if (!this.#context.active()) return;
    this.#sleep();
    assignments.collect();
    await this.#requests.start();
  }

  /** Somebody removed or rewrote /epoch: names of this epoch would clash with those of an earlier one. */
  #epochUsed(epoch: number): void {
    if (!this.#active) return;
    this.#options.passed(epoch);
    this.#fail(`there are names of epoch ${epoch} already`);
  }

  /** Facts of one turn of the event loop are planned together. */
  #replan(): void {
    if (!this.#planning || this.#planned || !this.#active) return;
    this.#planned = true;
    this.#context.runtime.soon(() => {
      this.#planned = false;
      this.#plan();
    });
  }

  /** `asked`: who asked for what has been changed since the last plan. */
  #plan(asked?: Asked): void {
    if (!this.#planning || !this.#active) return;
    const { planner, clock, runtime, metrics, room, flow } = this.#context;
    flow.planned(clock.now(), (queue) => planner.queueCounts([queue], 1).length > 0);
    const begunAt = runtime.monotonic();
    const placedBefore = planner.placements;
    try {
      // The batches of steps that follow are in the transaction of what this plan hands out.
      this.#flows.turn();
      const commands = planner.plan(clock.now(), () => runtime.random(), {
        assign: !room.full && !this.#flows.isCancelling,
        rebuilding: !this.#isWhole,
      });
      this.#executor.all(commands, asked);
      // A plan is what one turn brought: there is nothing else to wait for.
      this.#context.writer.flush();
    } catch (error) {
      this.#broken(error);
      return;
    }
    const seconds = (runtime.monotonic() - begunAt) / 1_000;
    metrics.observe('drover_plan_seconds', {}, seconds);
    const placed = planner.placements - placedBefore;
    if (placed > 0) metrics.observe('drover_placement_seconds', {}, seconds / placed);
    this.#show();
    this.#turnOthers();
    this.#sleep();
  }

  #turnOthers(): void {
    try {
      this.#schedules.turn();
      this.#flows.afterPlan();
      this.#broadcasts.turn();
      if (this.#isWhole) this.#scaling.turn();
    } catch (error) {
      this.#broken(error);
    }
  }

  #roomChanged(): void {
    if (!this.#planning) return;
    this.#show();
    this.#replan();
  }

  /** `/intake` stays as the leader before left it until it is known how much is unfinished. */
  #show(): void {
    this.#options.readModel.touch();
    this.#status.touch();
    if (this.#isWhole) this.#intake.touch();
  }

  #later(delayMs: number): Promise<boolean> {
    if (!this.#active) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = this.#context.runtime.after(delayMs, () => {
        this.#waits.delete(wait);
        resolve(true);
      });
      const wait: Wait = { timer, resolve };
      this.#waits.add(wait);
    });
  }

  /** Until something is due by time alone. */
  #sleep(): void {
    const { planner, clock, runtime } = this.#context;
    this.#timer?.cancel();
    this.#timer = null;
    const dues = [this.#schedules.nextDueAt(), this.#flows.nextDueAt(), this.#broadcasts.nextDueAt()];
    if (this.#isWhole) dues.push(this.#scaling.nextDueAt());
    const times = [planner.nextDueAt(), ...dues].filter((at) => at !== null);
    if (times.length === 0 || !this.#active) return;
    const dueAt = Math.min(...times);
    const delayMs = Math.min(Math.max(dueAt - clock.now(), 1), MAX_SLEEP_MS);
    this.#timer = runtime.after(delayMs, () => this.#plan());
  }

  #writeFailed({ kind, error, what }: WriteFailure): void {
    if (kind === 'broken') return this.#broken(error);
    const { log, metrics, epoch } = this.#context;
    if (kind === 'fenced') {
      log.event('fence.rejected', { epoch, what });
      metrics.count('drover_fenced_writes_total', {});
    }
    const why = { fenced: 'fenced', lease: 'the lease is not valid', failed: 'a write failed' }[kind];
    this.#fail(error === null || kind === 'fenced' ? why : `${why}: ${error.message}`);
  }

  #broken(error: unknown): void {
    if (!this.#active) return;
    if (!isZooKeeperError(error)) this.#context.log.event('term.failed', { epoch: this.epoch, error });
    this.#fail(messageOf(error));
  }

  #fail(reason: string): void {
    if (!this.#active) return;
    this.end();
    this.#options.failed(reason);
  }
}

interface Wait {
  timer: Timer;
  resolve: (active: boolean) => void;
}

/** Without a connection there is nothing to close on the server: the session's end sees to it. */
function close(watch: WatchHandle): void {
  inBackground(watch.close(), needNotSucceed);
}
