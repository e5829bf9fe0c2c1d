import {
  DEFAULT_QUEUE_SETTINGS,
  DEFAULT_TASK_OPTIONS,
  foldEnd,
  indexesOf,
  NO_PROGRESS,
  TASK_OPTIONS,
  taskId,
  type AccountSpec,
  type LimitSpec,
  type QueueSettings,
  type Range,
  toRanges,
  type RangeEnd,
} from '@drover/core';
import { strategyNamed, type Strategy } from '@drover/strategies';
import {
  DEFAULT_PLANNER_SETTINGS,
  Planner,
  type AssignmentFact,
  type BatchFact,
  type Claim,
  type Command,
  type Group,
  type PlannerSettings,
  type ResultFact,
  type SpentTime,
  type TaskName,
  type WorkerFact,
} from '../src/index.js';
import type { Paces } from '../src/durations.js';
import { NO_FLOW } from '../src/model.js';
import { MAX_SLICE, SUSPECTS_WAIT_MS } from '../src/settings.js';
import { State } from '../src/state.js';
import { check, groupAt, isEnd, type TrueState, type WorldAssignment, type WorldBatch } from './account.js';
import { LimitLaws } from './limit-laws.js';
import { PlacementLaws } from './placement-laws.js';
import { UniqueLaws } from './unique-laws.js';

export * from './account.js';

/**
 * Stands for ZooKeeper and for all that write to it, for tests of the planner: carries out its commands, checks each
 * against the laws, and tells the planner what watches would show, later. It keeps its own account of every task, from
 * the results alone, so that it does not share the planner's mistakes.
 */
export class World {
  now = 1_000_000;
  planner: Planner;
  /** Of the planner. */
  state: State;
  readonly batches = new Map<string, WorldBatch>();
  readonly assignments = new Map<string, WorldAssignment>();
  readonly workers = new Map<string, WorkerFact>();
  /** As the planner was told. */
  readonly told = new Map<string, WorkerFact>();
  readonly queues = new Map<string, QueueSettings>();
  readonly #toldSettings = new Map<string, QueueSettings>();
  readonly accounts = new Map<string, AccountSpec>();
  /** Totals of floating resources. */
  readonly floating = new Map<string, number>();
  /** As the planner was told. */
  readonly #toldAccounts = new Map<string, AccountSpec>();
  readonly keys = new Map<string, string>();
  /** Everything that a plan commanded, newest last. */
  readonly log: Command[] = [];
  readonly removed = new Set<string>();
  /** Told to this planner, of batches that flows kept. */
  readonly #letGo = new Set<string>();
  readonly #discarded = new Set<string>();
  /** Tasks that have ended under this planner, by queue and end: as it told, and by the account. */
  readonly ended = { told: new Map<string, number>(), true: new Map<string, number>() };
  /** Tasks that were lost twice, the last time at the death of their worker. */
  readonly #deadly = new Set<string>();
  /** Tasks that had ended at some time: others may have been let go then. */
  readonly #hasEnded = new Set<string>();
  /** Tasks that have succeeded, also those whose batches are removed since. */
  readonly #hasSucceeded = new Set<string>();
  readonly #settings: PlannerSettings;
  readonly #strategy: string | Strategy;
  readonly #random: () => number;
  #news: (() => void)[] = [];
  #epoch = 1;
  #submits = 0;
  #transactions = 0;
  readonly #unique = new UniqueLaws(this.batches);
  readonly limits = new LimitLaws(this.batches, this.assignments);
  readonly placement = new PlacementLaws(this.batches, this.assignments);

  constructor(
    random: () => number,
    strategy: string | Strategy = 'round-robin',
    settings: Partial<PlannerSettings> = {},
  ) {
    this.#random = random;
    this.#strategy = strategy;
    this.#settings = { ...DEFAULT_PLANNER_SETTINGS, ...settings };
    ({ planner: this.planner, state: this.state } = this.#newPlanner());
  }

  submit(
    queue: string,
    groups: readonly Partial<Group>[],
    id = `B${String(this.#submits++).padStart(5, '0')}`,
    { bytes = 0, needs, isForDead = false, ...ofFlow }: Partial<SubmitFields> = {},
  ): string {
    const full = groups.map((group): Group => ({ ...PLAIN_GROUP, ...group }));
    const order = BigInt(++this.#transactions);
    const fact: BatchFact = {
      id,
      queue,
      groups: full,
      submittedAt: this.now,
      bytes,
      order,
      isForDead,
      ...(needs && { needs }),
      ...ofFlow,
    };
    const from = ofFlow.isDraft === true ? Infinity : this.now;
    const count = full.reduce((sum, group) => sum + group.count, 0);
    this.batches.set(id, {
      fact,
      count,
      history: [],
      settled: 0,
      finished: null,
      openedByClaim: false,
      progress: Array.from({ length: count }, () => NO_PROGRESS),
      states: Array.from({ length: count }, () => 'waiting'),
      dueAt: full.flatMap((group) => Array.from({ length: group.count }, () => from + group.delayMs)),
      countsFrom: from,
      lifeFrom: Array.from({ length: count }, () => from),
      begun: new Set(),
      deaths: new Map(),
    });
    full.forEach((group, at) => {
      const index = full.slice(0, at).reduce((sum, { count: n }) => sum + n, 0);
      if (group.key !== null) this.#takeKey(queue, group.key, id, index);
    });
    this.#tell((planner) => {
      planner.batch(fact);
    });
    return id;
  }

  join(id: string, fact: Partial<WorkerFact> = {}): void {
    const worker = { capacity: 4, weight: 1, types: ['t'], draining: false, ...fact, id };
    this.workers.set(id, worker);
    this.#tell((planner) => {
      this.told.set(id, worker);
      planner.worker(worker);
    });
  }

  learn(id: string, paces: Paces): void {
    this.#tell((planner) => {
      planner.learned(id, paces);
    });
  }

  /** The session has ended; from when the planner hears of it, nothing may go to it. */
  die(id: string): void {
    if (!this.workers.delete(id)) return;
    this.#tell((planner) => {
      this.told.delete(id);
      planner.workerGone(id, this.now);
    });
  }

  configure(queue: string, settings: Partial<QueueSettings>): void {
    const full = { ...DEFAULT_QUEUE_SETTINGS, ...settings };
    this.queues.set(queue, full);
    this.#tell((planner) => {
      this.#toldSettings.set(queue, full);
      planner.queue(queue, full);
    });
  }

  /** `null`: the limit is no more. */
  limit(name: string, spec: LimitSpec | null): void {
    if (spec === null) this.limits.declared.delete(name);
    else this.limits.declared.set(name, spec);
    this.#tell((planner) => {
      this.limits.told(name, spec);
      planner.limit(name, spec);
    });
  }

  /** `null`: the account is as all others. */
  account(name: string, spec: AccountSpec | null): void {
    if (spec === null) this.accounts.delete(name);
    else this.accounts.set(name, spec);
    this.#tell((planner) => {
      if (spec === null) this.#toldAccounts.delete(name);
      else this.#toldAccounts.set(name, spec);
      planner.account(name, spec);
    });
  }

  /** `null`: there is no such floating resource. */
  resource(name: string, total: number | null): void {
    if (total === null) this.floating.delete(name);
    else this.floating.set(name, total);
    this.#tell((planner) => {
      planner.resource(name, total);
    });
  }

  accountOf(queue: string): string {
    return this.#toldSettings.get(queue)?.account ?? 'default';
  }

  /** Tasks of the account that are out and may run: each of them takes a place. */
  outOf(account: string): number {
    let out = 0;
    for (const { fact, open } of this.assignments.values()) {
      const batch = this.batches.get(fact.batch);
      if (batch === undefined || this.accountOf(batch.fact.queue) !== account) continue;
      out += Math.min(open.size, fact.width ?? Infinity);
    }
    return out;
  }

  /** Tasks that the account may have out besides, by its limit. */
  roomOf(account: string): number {
    const most = this.#toldAccounts.get(account)?.limit.slots;
    return most === undefined ? Infinity : Math.floor(most / 1_000) - this.outOf(account);
  }

  /** Somebody holds the key, `null`: all of the limit, until then; 0: nobody does any more. */
  hold(name: string, key: string | null, until: number): void {
    const { holds } = this.limits;
    for (const at of [...holds.keys()])
      if (until === 0 && (key === null ? at.startsWith(`${name} `) : at === `${name} ${key}`)) holds.delete(at);
    const at = `${name} ${key ?? '*'}`;
    if (until > 0) holds.set(at, Math.max(holds.get(at) ?? 0, until));
    this.planner.hold(name, key, until);
  }

  /** The worker's report; false: refused, the assignment was revoked. */
  report(id: string, ends: readonly RangeEnd[] | 'all', last: boolean, spent?: SpentTime): boolean {
    const assignment = this.assignments.get(id);
    if (assignment === undefined) return false;
    const { batch, attempt } = assignment.fact;
    this.#write({
      batch,
      assignment: id,
      ends,
      attempt,
      at: this.now,
      last,
      ...(spent === undefined ? {} : { spent }),
    });
    if (last) this.assignments.delete(id);
    return true;
  }

  /** Reports all that the assignment still has, as the end of it. */
  reportRest(id: string, outcome: RangeEnd['outcome'] = 'succeeded'): boolean {
    const open = [...(this.assignments.get(id)?.open ?? [])];
    const ends = open.map((index): RangeEnd => ({ from: index, to: index + 1, outcome }));
    return this.report(id, ends, true);
  }

  /** Tells the planner the oldest `count` pieces of news. */
  deliver(count = Infinity): void {
    for (const news of this.#news.splice(0, Math.min(count, this.#news.length))) news();
  }

  /** One plan, carried out and checked. */
  plan(): Command[] {
    const commands = this.planner.plan(this.now, this.#random);
    for (const command of commands) this.#carryOut(command);
    this.log.push(...commands);
    return commands;
  }

  /** The map has begun whose items are the tasks of this draft. */
  activate(id: string): void {
    const batch = this.#batch(id);
    if (!this.state.batches.has(id) || batch.countsFrom !== Infinity) return;
    this.#countFrom(batch, this.now);
    this.planner.activate(id, this.now);
  }

  /** It belongs to nothing: a planner that has it out says no. */
  discard(id: string): boolean {
    const isDone = this.planner.discard(id);
    if (isDone) this.#discarded.add(id);
    return isDone;
  }

  /** Its flow is no more. */
  letGo(id: string): void {
    if (!this.state.batches.has(id)) return;
    this.#letGo.add(id);
    this.planner.letGo(id);
  }

  #countFrom(batch: WorldBatch, at: number): void {
    for (const index of batch.states.keys()) {
      // Those that were retried by hand have a life of their own.
      if (batch.lifeFrom[index] !== batch.countsFrom) continue;
      batch.lifeFrom[index] = at;
      if (!batch.begun.has(index)) batch.dueAt[index] = at + groupAt(batch.fact, index).delayMs;
    }
    batch.countsFrom = at;
  }

  /** As the leader does: those that have a key take it first, and the planner hears later what came of that. */
  retry(tasks: readonly TaskName[]): void {
    const { planner } = this;
    const others = tasks.filter((task) => {
      if (this.batches.get(task.batch)?.fact.isStep === true) return true;
      const claim = planner.claimKey(task, this.now);
      if (claim !== null) this.#claim(claim);
      return claim === null;
    });
    planner.retry(others, this.now);
  }

  #claim(claim: Claim): void {
    const { batch: id, index, queue, key, attempt } = claim;
    const batch = this.#batch(id);
    const isTaken = this.keys.has(`${queue}/${key}`);
    if (!isTaken) {
      check(batch.states[index] === 'failed', `claims the key of a task that is ${batch.states[index]}`);
      check(batch.progress[index]?.attempt === attempt, 'claims with another attempt than the last');
      this.#takeKey(queue, key, id, index);
      batch.openedByClaim ||= batch.finished !== null;
      batch.finished = null;
      const ends = [{ from: index, to: index + 1, outcome: 'requeued' as const }];
      this.#write({ batch: id, assignment: null, ends, attempt, at: this.now, last: true }, false);
      this.limits.untold.add(taskId(id, index));
    }
    this.#tell((planner) => {
      this.limits.untold.delete(taskId(id, index));
      planner.keyClaimed(claim, !isTaken);
    });
  }

  #takeKey(queue: string, key: string, batch: string, index: number): void {
    for (const [id, { fact, states }] of this.batches)
      states.forEach((state, at) => {
        const isOther = id !== batch || at !== index;
        const shares = fact.queue === queue && groupAt(fact, at).key === key;
        check(!(isOther && shares && !isEnd(state)), `lets ${batch}.${index} have the key of ${id}.${at}`);
      });
    this.keys.set(`${queue}/${key}`, taskId(batch, index));
  }

  /** Delivers everything and plans until nothing more comes of it. */
  settle(): void {
    let rounds = 0;
    do {
      this.deliver();
      check(++rounds < 10_000, 'never comes to an end');
    } while (this.plan().length > 0 || this.#news.length > 0);
  }

  /**
   * Another leader: a planner that knows nothing is told what ZooKeeper holds. Facts that were under way are read, not
   * told.
   */
  takeOver(): Planner {
    this.#news = [];
    this.#epoch++;
    this.told.clear();
    for (const worker of this.workers.values()) this.told.set(worker.id, worker);
    for (const [queue, settings] of this.queues) this.#toldSettings.set(queue, settings);
    this.limits.tookOver();
    this.#toldAccounts.clear();
    for (const [name, spec] of this.accounts) this.#toldAccounts.set(name, spec);
    // Nothing of it is written down: the next one is told anew.
    this.#letGo.clear();
    this.#discarded.clear();
    for (const batch of this.batches.values()) if (batch.fact.isDraft === true) this.#countFrom(batch, Infinity);
    ({ planner: this.planner, state: this.state } = this.#rebuilt());
    // Of earlier ends it counts none.
    this.ended.told.clear();
    this.ended.true.clear();
    // Nobody wrote down what a report did not tell before its leader died: the next one knows nothing of that attempt.
    for (const { states } of this.batches.values())
      states.forEach((state, index) => {
        if (state === 'unreported') states[index] = 'waiting';
      });
    return this.planner;
  }

  /** A planner rebuilt from the facts, before its first plan. */
  rebuilt(): Planner {
    return this.#rebuilt().planner;
  }

  #rebuilt(): { planner: Planner; state: State } {
    const { planner, state } = this.#newPlanner();
    for (const assignment of this.assignments.values())
      planner.assignment({
        ...assignment.fact,
        recall: assignment.recall,
        cancel: assignment.cancel,
        exceeded: assignment.exceeded,
        superseded: assignment.superseded,
        ...(assignment.preempt.length > 0 && { preempt: assignment.preempt }),
      });
    for (const batch of [...this.batches.values()].reverse()) {
      const { fact, finished, history, settled } = batch;
      planner.batch(finished === null ? fact : { ...fact, finished });
      history.forEach((result, at) => planner.result({ ...result, isSettled: at < settled }));
    }
    for (const { fact, countsFrom } of this.batches.values())
      if (fact.isDraft === true && countsFrom !== Infinity) planner.activate(fact.id, countsFrom);
    for (const id of this.#letGo) planner.letGo(id);
    for (const worker of this.workers.values()) planner.worker(worker);
    for (const [name, settings] of this.queues) planner.queue(name, settings);
    for (const [name, spec] of this.accounts) planner.account(name, spec);
    for (const [name, total] of this.floating) planner.resource(name, total);
    for (const [name, spec] of this.limits.declared) planner.limit(name, spec);
    for (const [at, keys] of this.limits.records) planner.reserved(at.split(' ')[0] ?? '', keys);
    for (const [at, until] of this.limits.holds) {
      const [name = '', key = ''] = at.split(' ');
      planner.hold(name, key === '*' ? null : key, until);
    }
    return { planner, state };
  }

  /** Of the tasks with unique keys that have ended, once all have. */
  checkUnique(): void {
    this.#unique.checkEnds();
  }

  out(worker: string): number {
    let out = 0;
    for (const { fact, open } of this.assignments.values()) if (fact.worker === worker) out += open.size;
    return out;
  }

  /** Tasks that are out at the worker and may run; `type`: of this one. */
  runningAt(worker: string, type?: string): number {
    let running = 0;
    for (const { fact, open } of this.assignments.values()) {
      const batch = this.batches.get(fact.batch)?.fact;
      if (fact.worker !== worker || batch === undefined) continue;
      const some = [...open].filter((index) => type === undefined || groupAt(batch, index).type === type);
      running += Math.min(some.length, fact.width ?? Infinity);
    }
    return running;
  }

  running(queue: string): number {
    let out = 0;
    for (const { fact, open } of this.assignments.values())
      if (this.batches.get(fact.batch)?.fact.queue === queue) out += open.size;
    return out;
  }

  /** Tasks of the tenant that are out. */
  runningOf(queue: string, tenant: string): number {
    let out = 0;
    for (const { fact, open } of this.assignments.values()) {
      const batch = this.batches.get(fact.batch)?.fact;
      if (batch?.queue === queue) for (const index of open) if (groupAt(batch, index).tenant === tenant) out++;
    }
    return out;
  }

  #newPlanner(): { planner: Planner; state: State } {
    const epoch = this.#epoch;
    const options = {
      strategy: typeof this.#strategy === 'string' ? strategyNamed(this.#strategy) : this.#strategy,
      settings: this.#settings,
      assignmentId: (batch: string, n: number) => `${batch}.e${epoch}-${n}`,
      flow: {
        ...NO_FLOW,
        ended: (queue: string, state: string, tasks: number) => {
          add(this.ended.told, `${queue} ${state}`, tasks);
        },
      },
    };
    const state = new State(options);
    return { planner: new Planner(options, state), state };
  }

  #tell(news: (planner: Planner) => void): void {
    this.#news.push(() => {
      news(this.planner);
    });
  }

  /** A result znode comes into being: the account follows it by the one rule, the planner hears of it later. */
  #write(fact: ResultFact, isTold = true): void {
    const batch = this.#batch(fact.batch);
    const assignment = fact.assignment === null ? undefined : this.assignments.get(fact.assignment);
    const listed =
      fact.ends === 'all'
        ? (assignment?.fact.tasks ?? []).map(([from, to]): RangeEnd => ({ from, to, outcome: 'succeeded' }))
        : fact.ends;
    batch.history.push({ ...fact, ends: listed });
    for (const end of listed)
      for (let index = end.from; index < end.to; index++) {
        const firstWord = assignment === undefined || assignment.open.delete(index);
        // Or of a task that it had handed back, or ended before, and that waits now.
        const isLater = end.outcome !== 'returned' && batch.states[index] === 'waiting';
        if (firstWord || isLater) this.#account(batch, index, end, fact);
      }
    for (const index of assignment !== undefined && fact.last ? assignment.open : [])
      batch.states[index] = 'unreported';
    if (isTold)
      this.#tell((planner) => {
        planner.result(fact);
      });
  }

  #account(batch: WorldBatch, index: number, end: RangeEnd, { attempt, at, death, assignment }: ResultFact): void {
    const known = { progress: batch.progress[index] ?? NO_PROGRESS, isOver: isEnd(batch.states[index]) };
    const id = taskId(batch.fact.id, index);
    const verdict = foldEnd(known, { ...end, attempt }, () => groupAt(batch.fact, index), id);
    if (verdict === null) return;
    batch.progress[index] = verdict.progress;
    if (end.outcome === 'requeued') {
      batch.lifeFrom[index] = at;
      batch.dueAt[index] = 0;
      // It goes first, like all that was out before.
      batch.begun.add(index);
    }
    // Somebody set when it is due.
    if (end.outcome === 'returned' && assignment === null) {
      batch.dueAt[index] = 0;
      batch.begun.add(index);
    }
    batch.states[index] = 'delayMs' in verdict ? 'waiting' : verdict.state;
    if (end.outcome === 'requeued') batch.deaths.delete(index);
    if (batch.states[index] === 'failed') batch.deaths.set(index, 'untold');
    const state = batch.states[index];
    if (isEnd(state)) this.#hasEnded.add(id);
    if (state === 'succeeded') this.#hasSucceeded.add(id);
    if (isEnd(state) && !known.isOver) add(this.ended.true, `${batch.fact.queue} ${state}`, 1);
    if (end.outcome === 'lost' && death !== undefined && verdict.progress.losses >= 2) this.#deadly.add(id);
    else if (end.outcome !== 'returned') this.#deadly.delete(id);
    if ('delayMs' in verdict) batch.dueAt[index] = Math.max(batch.dueAt[index] ?? 0, at + verdict.delayMs);
  }

  #batch(id: string): WorldBatch {
    const batch = this.batches.get(id);
    if (batch === undefined) throw new Error(`batch ${id} does not exist`);
    return batch;
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case 'assign':
        this.#assign(command.assignment);
        return;
      case 'revoke': {
        const { id, batch, attempt } = command.assignment;
        const held = this.assignments.get(id);
        if (held === undefined) {
          this.#tell((planner) => {
            planner.assignmentGone(id);
          });
          return;
        }
        const ended = command.ends.flatMap(({ from, to }) => [...indexesOf([[from, to]])]);
        check(
          [...held.open].every((index) => ended.includes(index)),
          'forgets a task of what it revokes',
        );
        const { death } = command;
        const told = death && { death: { worker: command.assignment.worker, many: death === 'many' } };
        this.#write({ batch, assignment: id, ends: command.ends, attempt, at: this.now, last: true, ...told });
        this.assignments.delete(id);
        return;
      }
      case 'notify': {
        const held = this.assignments.get(command.assignment.id);
        if (held === undefined) {
          this.#tell((planner) => {
            planner.assignmentGone(command.assignment.id);
          });
          return;
        }
        held.recall = command.recall;
        held.cancel = command.cancel;
        held.exceeded = command.exceeded ?? [];
        held.superseded = command.superseded ?? [];
        held.preempt = command.preempt ?? [];
        for (const [index, winner] of held.superseded) this.#unique.superseded(held.fact.batch, index, winner);
        return;
      }
      case 'record':
        this.#record(command);
        return;
      case 'release-key': {
        const batch = this.#batch(command.batch);
        const key = `${command.queue}/${command.key}`;
        check(batch.states[command.index] !== 'out', 'releases the key of a task that is out');
        if (this.keys.get(key) === taskId(command.batch, command.index)) {
          check(isEnd(batch.states[command.index]), 'releases the key of an unfinished task');
          this.keys.delete(key);
        }
        return;
      }
      case 'reserve':
        this.limits.reserved(command.limit, command.shard, command.keys, this.now);
        return;
      case 'finish': {
        const batch = this.#batch(command.batch);
        check(batch.states.every(isEnd), `finishes ${command.batch}, which has unfinished tasks`);
        check(batch.finished === null, `finishes ${command.batch} twice`);
        check(
          [...this.assignments.values()].every(({ fact }) => fact.batch !== command.batch),
          `finishes ${command.batch}, of which an assignment exists`,
        );
        const failed = batch.states.flatMap((state, index) => (state === 'failed' ? [index] : []));
        check(String(failed) === String(command.failed), 'names other tasks as failed');
        const { succeeded, cancelled, attempts, cancelledTasks } = command;
        check(succeeded + cancelled + failed.length === batch.count, 'loses count');
        this.#checkTold(batch);
        check(failed.length === 0 || command.lastN !== undefined, 'does not say which deaths are settled');
        batch.settled = batch.history.length;
        const which = toRanges(batch.states.flatMap((state, index) => (state === 'cancelled' ? [index] : [])));
        const named = succeeded > 0 && cancelled > 0 ? which : undefined;
        check(JSON.stringify(named) === JSON.stringify(cancelledTasks), 'names other tasks as cancelled');
        batch.finished = {
          at: this.now,
          succeeded,
          cancelled,
          failed,
          attempts,
          ...(named && { cancelledTasks: named }),
        };
        batch.openedByClaim = false;
        return;
      }
      case 'reopen': {
        const batch = this.#batch(command.batch);
        // The planner may not know yet that a claim has opened it: then the same header is written again.
        check(batch.finished !== null || batch.openedByClaim, 'reopens what is not finished');
        batch.finished = null;
        return;
      }
      case 'move': {
        const batch = this.#batch(command.batch);
        const { requeued, ends, into } = command;
        const write = (some: readonly RangeEnd[]): void => {
          this.#write(
            { batch: batch.fact.id, assignment: null, ends: some, attempt: 0, at: this.now, last: true },
            false,
          );
        };
        if (requeued !== null) {
          batch.finished = null;
          write(ends.map((end) => ({ from: end.from, to: end.to, outcome: 'requeued' })));
        }
        write(ends);
        this.submit(
          into.queue,
          into.tasks.map(({ group }) => group),
          into.id,
        );
        return;
      }
      case 'tell-dead':
        this.#tellDead(command);
        return;
      case 'copy':
        // Nothing comes of it here: two attempts at one task have a world of their own, in `speculate.all.test.ts`.
        return;
      case 'purge': {
        const batch = this.#batch(command.batch);
        const { failed, attempts, cancelled, cancelledTasks, purged } = command;
        check(batch.finished !== null, 'purges from what is not finished');
        for (const index of indexesOf(purged)) batch.states[index] = 'cancelled';
        batch.fact.purged = purged;
        const { at, succeeded } = batch.finished ?? { at: 0, succeeded: 0 };
        batch.finished = { at, succeeded, cancelled, failed, attempts, ...(cancelledTasks && { cancelledTasks }) };
        return;
      }
      case 'remove': {
        const { finished, states, fact } = this.#batch(command.batch);
        const isPurged = states.every((state) => state === 'failed' || state === 'cancelled');
        const isOld = finished !== null && (isPurged || this.now - finished.at >= this.#settings.retainAtLeastMs);
        const isDiscarded = this.#discarded.has(command.batch);
        check(isOld || isDiscarded, 'removes too early');
        check(
          fact.isKept !== true || isDiscarded || this.#letGo.has(command.batch),
          `removes ${command.batch}, which a flow keeps`,
        );
        for (const other of this.batches.values())
          for (const index of other.states.keys()) {
            const isNamed = othersOf(other, index).some((id) => id.startsWith(`${command.batch}.`));
            // Of a submit that it has not heard of it cannot know, and whoever was retried waits for nobody.
            const isKnown = this.state.batches.has(other.fact.id) && other.lifeFrom[index] === other.countsFrom;
            const isWaited = isNamed && isKnown && !isEnd(other.states[index]) && !isDiscarded;
            check(!isWaited, `removes ${command.batch}, for which ${other.fact.id} waits`);
          }
        this.batches.delete(command.batch);
        this.removed.add(command.batch);
        return;
      }
    }
  }

  /** Each death is told once at most, and never before it. */
  #tellDead({ batch: id, queue, onDead, dead }: Extract<Command, { kind: 'tell-dead' }>): void {
    const batch = this.#batch(id);
    check(batch.finished === null, `tells of deaths in ${id}, which is finished`);
    check(this.#toldSettings.get(queue)?.onDead === onDead, `tells of deaths in ${queue}, which nobody asked for`);
    check(batch.fact.isForDead !== true, `tells of the death of a task that was started for one`);
    for (const { index } of dead) {
      // That it runs again may be written already, and nobody has told the planner: it has died all the same.
      const isDead = batch.states[index] === 'failed' || this.limits.untold.has(taskId(id, index));
      check(isDead, `tells that ${id}.${index} died, which is ${batch.states[index]}`);
      check(batch.deaths.get(index) !== 'told', `tells of the death of ${id}.${index} a second time`);
      batch.deaths.set(index, 'told');
    }
    const told = toRanges(dead.map(({ index }) => index));
    this.#write({ batch: id, assignment: null, ends: [], told, attempt: 0, at: this.now, last: true }, false);
    this.submit(onDead.queue ?? queue, [{ type: onDead.type, count: dead.length }], undefined, { isForDead: true });
  }

  /** All that has died since it was finished before was told of. */
  #checkTold({ fact, deaths }: WorldBatch): void {
    const isAsked = (this.#toldSettings.get(fact.queue)?.onDead ?? null) !== null && fact.isForDead !== true;
    for (const [index, is] of deaths) {
      check(!isAsked || is !== 'untold', `finishes ${fact.id}, and told nobody of the death of ${index}`);
      if (is === 'untold') deaths.set(index, 'closed');
    }
  }

  #assign(fact: AssignmentFact): void {
    const batch = this.#batch(fact.batch);
    const { queue } = batch.fact;
    check(!this.assignments.has(fact.id), `uses the id ${fact.id} twice`);
    const open = new Set(indexesOf(fact.tasks));
    check(open.size > 0 && open.size <= MAX_SLICE, `assigns ${open.size} tasks`);
    const worker = this.told.get(fact.worker);
    const { pinned } = batch.fact;
    const mayDrain = pinned?.skipsDraining === false && worker?.takesPinned === true;
    check(worker?.draining === false || mayDrain, `gives work to ${fact.worker}, which drains or is gone`);
    for (const index of pinned === undefined ? [] : open)
      check(pinned?.workers[index] === worker?.name, `gives ${fact.batch}.${index} to ${fact.worker}, not to its name`);
    check(this.state.queues.get(queue)?.settings.paused !== true, `gives out work of ${queue}, which is paused`);
    for (const index of open) {
      const group = groupAt(batch.fact, index);
      const isDraft = batch.countsFrom === Infinity && !batch.begun.has(index);
      check(!isDraft, `assigns ${fact.batch}.${index} of a draft`);
      check(batch.states[index] === 'waiting', `assigns ${fact.batch}.${index}, which is ${batch.states[index]}`);
      check((batch.progress[index]?.attempt ?? 0) + 1 === fact.attempt, `a wrong attempt number, ${fact.attempt}`);
      this.#checkInTime(batch, index, group);
      this.#checkOthers(batch, index);
      check((batch.dueAt[index] ?? 0) <= this.now, `assigns ${fact.batch}.${index} before it is due`);
      check(
        worker !== undefined && mayRun(worker, batch.fact, group.type),
        `gives ${group.type} of ${fact.batch} to ${fact.worker}, who may not`,
      );
    }
    const first = [...open].find((index) => !batch.begun.has(index));
    if (first !== undefined) this.#checkFirstInFirstOut(batch, first, groupAt(batch.fact, first));
    for (const index of open) {
      this.#unique.assigned(batch, index, this.now);
      batch.states[index] = 'out';
      batch.begun.add(index);
    }
    const assignment = { fact, open, recall: false, cancel: [], exceeded: [], superseded: [], preempt: [] };
    this.assignments.set(fact.id, assignment);
    this.limits.assigned(assignment, this.now);
    if (worker !== undefined) this.placement.assigned(fact, worker);
    this.#checkAlone(fact.worker);
    const account = this.accountOf(queue);
    check(
      this.roomOf(account) >= 0,
      `account ${account} has ${this.outOf(account)} tasks out, which is above its limit`,
    );
    const { maxRunning = null, maxRunningPerTenant = null } = this.#toldSettings.get(queue) ?? {};
    check(maxRunning === null || this.running(queue) <= maxRunning, `more of ${queue} out than its limit`);
    const { tenant } = groupAt(batch.fact, fact.tasks[0]?.[0] ?? 0);
    const most = maxRunningPerTenant ?? Infinity;
    check(this.runningOf(queue, tenant) <= most, `more of tenant ${tenant} of ${queue} out than its limit`);
  }

  /** Nothing begins after its deadline, or begins for the first time after it has expired. */
  #checkInTime(batch: WorldBatch, index: number, { delayMs, expiresMs, deadlineMs }: Group): void {
    const from = batch.lifeFrom[index] ?? 0;
    const isAgain = from !== batch.countsFrom;
    const task = `${batch.fact.id}.${index}`;
    check(deadlineMs === null || this.now < from + deadlineMs, `assigns ${task} after its deadline`);
    const expiresAt = from + (isAgain ? 0 : delayMs) + (expiresMs ?? Infinity);
    check(this.now < expiresAt || batch.progress[index]?.attempt !== 0, `assigns ${task}, which has expired`);
  }

  /** Nothing begins before those that it is to run after have ended as they should, unless somebody retried it by hand. */
  #checkOthers(batch: WorldBatch, index: number): void {
    const isAgain = batch.lifeFrom[index] !== batch.countsFrom;
    if (isAgain || batch.begun.has(index)) return;
    for (const id of othersOf(batch, index)) {
      const state = this.stateOf(id);
      const { afterMode } = groupAt(batch.fact, index);
      const isGood = this.#hasSucceeded.has(id) || (afterMode === 'ended' && (isEnd(state) || this.#hasEnded.has(id)));
      check(
        isGood,
        `assigns ${batch.fact.id}.${index} before ${id} has ended as it should: it is ${state ?? 'not there'}`,
      );
    }
  }

  /** Undefined: there is no such task. */
  stateOf(id: string): TrueState | undefined {
    const [batch = '', index = ''] = id.split('.');
    return this.batches.get(batch)?.states[Number(index)];
  }

  /** One that may have killed two workers has nobody beside it. */
  #checkAlone(worker: string): void {
    const out = [...this.assignments.values()].filter(
      ({ fact }) => fact.worker === worker && fact.at > this.now - SUSPECTS_WAIT_MS,
    );
    const tasks = out.flatMap(({ fact, open }) => [...open].map((index) => taskId(fact.batch, index)));
    const deadly = tasks.filter((task) => this.#deadly.has(task));
    check(deadly.length === 0 || tasks.length === 1, `puts ${String(tasks)} beside ${String(deadly)}`);
  }

  /** No task that was never out waits in the sub-queue before this one, if it was due all the time and is known. */
  #checkFirstInFirstOut(batch: WorldBatch, index: number, own: Group): void {
    const line = lineOf(batch, own);
    for (const [id, other] of this.batches) {
      if (id > batch.fact.id || other.fact.queue !== batch.fact.queue) continue;
      const limit = other === batch ? index : other.count;
      for (let earlier = 0; earlier < limit; earlier++) {
        const group = groupAt(other.fact, earlier);
        if (group.delayMs > 0 || other.begun.has(earlier) || lineOf(other, group) !== line) continue;
        // Limits and sequences hold tasks back.
        if (own.sequence !== null || own.limits !== null || this.limits.wereGeneral) continue;
        // So do keys, and they give one the place of another.
        if (group.unique !== null || own.unique !== null) continue;
        // A draft came into line when it was activated.
        if (other.fact.isDraft === true || batch.fact.isDraft === true) continue;
        // It waits for a worker of its own.
        if (other.fact.pinned !== undefined || batch.fact.pinned !== undefined) continue;
        // It came into line when the others had ended.
        if (group.after !== null) continue;
        const left =
          other.states[earlier] === 'waiting' && this.planner.stateOf({ batch: id, index: earlier }) === 'pending';
        check(!left || own.delayMs > 0, `${batch.fact.id}.${index} overtakes ${id}.${earlier}`);
      }
    }
  }

  #record({ batch: id, attempt, ends, reason }: Command & { kind: 'record' }): void {
    const batch = this.#batch(id);
    if (reason !== undefined)
      for (const index of indexesOf(ends.map(({ from, to }): Range => [from, to]))) this.#checkReason(batch, index);
    for (const { missing } of ends) if (missing !== undefined) this.#checkMissing(batch, missing);
    check(batch.finished === null, 'records into a finished batch');
    for (const { from, to, outcome, winner } of ends)
      for (let index = from; index < to; index++) {
        if (winner !== undefined && outcome === 'superseded') this.#unique.superseded(id, index, winner);
        const state = batch.states[index] ?? '';
        const wanted = { requeued: ['failed'], lost: ['unreported'] }[outcome as string] ?? ['waiting'];
        // The end that was asked for is recorded when the report of a task that would run again is told. A revocation
        // that is not told yet may have said it before, and the planner cannot know whether that was in time.
        const isSaid = state === 'cancelled' || (outcome === 'exceeded' && this.#lastWord(batch, index) === outcome);
        check(wanted.includes(state) || isSaid, `records ${outcome} of a task that is ${state}`);
        if (state === 'cancelled') continue;
        const last = (batch.progress[index]?.attempt ?? 0) + Number(outcome === 'lost');
        check(last === attempt, 'records another attempt than the last');
      }
    // The leader does not tell what it wrote itself: told late, it would speak of a task that was retried since.
    const isTold = ends.every(({ outcome }) => outcome === 'cancelled' || outcome === 'lost');
    this.#write({ batch: id, assignment: null, ends, attempt, at: this.now, last: true }, isTold);
  }

  /** A task that is cancelled for another one was to run after one that has not succeeded, and never will by itself. */
  #checkReason(batch: WorldBatch, index: number): void {
    const others = othersOf(batch, index).map((id) => ({ id, state: this.stateOf(id) }));
    // That the other one runs again may be written already, and nobody has told the planner.
    const { untold } = this.limits;
    check(
      others.some(({ id, state }) => state === 'failed' || state === 'cancelled' || untold.has(id)),
      `cancels ${batch.fact.id}.${index} for nothing`,
    );
  }

  #checkMissing({ fact }: WorldBatch, missing: string): void {
    const isThere = this.stateOf(missing) !== undefined;
    const [other = ''] = missing.split('.');
    const order = this.batches.get(other)?.fact.order ?? 0n;
    check(!isThere || order >= (fact.order ?? 0n), `refuses a task of ${fact.id} for ${missing}, which is there`);
  }

  /** The last end that was written of the task. */
  #lastWord({ history }: WorldBatch, index: number): string | undefined {
    return history
      .flatMap(({ ends }) => (ends === 'all' ? [] : ends))
      .findLast(({ from, to }) => from <= index && index < to)?.outcome;
  }
}

type SubmitFields = Pick<BatchFact, 'bytes' | 'needs' | 'isForDead' | 'isStep' | 'isDraft' | 'isKept' | 'pinned'>;

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** The same numbers in [0, 1) for the same seed: a linear congruential generator, good enough for tests. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

export const PLAIN_GROUP: Group = Object.freeze({
  ...DEFAULT_TASK_OPTIONS,
  type: 't',
  count: 1,
});

/** By what worker and batch say of themselves. */
export const mayRun = ({ types, understands = [] }: WorkerFact, { needs = [] }: BatchFact, type: string): boolean =>
  types.includes(type) && needs.every((feature) => understands.includes(feature));

/** The tasks that it is to run after. */
export const othersOf = ({ fact }: WorldBatch, index: number): readonly string[] => groupAt(fact, index).after ?? [];

/** Options by which tasks are in different work classes. */
const CLASS_FIELDS = Object.values(TASK_OPTIONS).flatMap(({ apart, field }) => (apart === 'class' ? [field] : []));

/** Equal for tasks of one queue that stand in one line, unless limits or sequences keep them apart. */
function lineOf({ fact: { id, needs } }: WorldBatch, group: Group): string {
  const { type, tenant, priority, spread, apart } = group;
  const isOfBatch = [spread, apart].some((option) => option?.over === 'batch');
  const ofClass = CLASS_FIELDS.map((field) => group[field]);
  return JSON.stringify([type, tenant, priority, needs, isOfBatch ? id : null, ofClass]);
}
