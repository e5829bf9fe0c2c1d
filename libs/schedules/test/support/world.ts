import { flowOf, type Plan } from '@drover/flow';
import { decodeScheduleStates, planHash, type FireRecord, type FireStarts } from '@drover/protocol';
import { Book } from '../../src/book.js';
import { setSchedules, type GivenSchedule } from '../../src/changes.js';
import type { KeptFire } from '../../src/kept-fires.js';
import { idOf } from '../../src/fires.js';
import type { NewBatch, NewRun } from '../../src/pack.js';
import { nextBackfills } from '../../src/backfills.js';
import type { PageDraft } from '../../src/page.js';
import { beginTerm, dirtyPages, fireMoved, settle } from '../../src/settle.js';
import type { ZoneData } from '../../src/times.js';
import { reaim, reckonStale } from '../../src/view.js';
import { nextVolley } from '../../src/volley.js';

export type TaskState = 'held' | 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled';
export interface MadeTask {
  readonly id: string;
  readonly batch: string;
  readonly index: number;
  readonly starts: FireStarts;
  readonly fire: FireRecord;
  state: TaskState;
  endedAt?: number;
}

const PLAN: Plan = { v: 1, name: 'daily', steps: { only: { kind: 'task', type: 'noop', input: null } } };
export const DAILY = flowOf(PLAN);
/** The things that a fire may start. */
export const RUNS = {
  task: { type: 'noop' },
  flow: { flow: 'daily', plan: planHash(DAILY.text) },
  broadcast: { broadcast: 'noop' },
} as const;

/** For tests: what is durable, and a leader that can die at any moment. The test moves the clock and ends tasks. */
export class TestWorld {
  now: number;
  /** Of the next leader. */
  zoneData: ZoneData;
  leader: Book;
  readonly tasks: MadeTask[] = [];
  readonly #pages = new Map<string, { lines: string; states: string }>();
  #since: number;
  #batches = 0;

  constructor(now: number, zoneData: ZoneData = { version: 'a' }) {
    this.now = now;
    this.zoneData = zoneData;
    this.#since = now;
    this.leader = this.#newLeader();
  }

  set(...given: GivenSchedule[]): void {
    const { replies, transactions } = setSchedules(this.leader, given, { at: this.now });
    const refused = replies.find(({ ok }) => !ok);
    if (refused !== undefined) throw new Error(`${refused.name}: ${refused.message ?? ''}`);
    for (const drafts of transactions) this.write(drafts, []);
  }

  /** One transaction of the leader is applied. */
  write(drafts: readonly PageDraft[], batches: readonly NewBatch[], runs: readonly NewRun[] = []): void {
    this.apply(drafts, batches, runs);
    this.leader.commit(drafts, batches, runs);
    this.turn();
  }

  /** ... and the leader does not hear of it. */
  apply(drafts: readonly PageDraft[], batches: readonly NewBatch[], runs: readonly NewRun[] = []): void {
    for (const draft of drafts) {
      if (draft.entries.size === 0) this.#pages.delete(draft.page.id);
      else this.#pages.set(draft.page.id, { lines: draft.lines, states: draft.states });
    }
    for (const { id, fires } of batches) fires.forEach((fire, index) => this.#made(id, index, fire, 'task'));
    for (const { id, fire, starts } of runs) {
      if (this.tasks.some(({ batch }) => batch === id)) throw new Error(`${id} is there already`);
      this.#made(id, 0, fire, starts);
    }
  }

  #made(batch: string, index: number, fire: FireRecord, starts: FireStarts): void {
    const state = fire.wait === undefined ? 'pending' : 'held';
    this.tasks.push({ id: idOf({ starts, batch, index }), batch, index, starts, fire, state });
  }

  /** The fires that are due now; `dies`: the leader dies before the transaction, or after it. False: nothing was due. */
  fire(dies: 'no' | 'before' | 'after' = 'no'): boolean {
    const moment = { now: this.now, since: this.#since };
    const volley = nextVolley(this.leader, moment) ?? nextBackfills(this.leader, moment);
    if (volley === null) return false;
    const { drafts, batches, runs } = volley;
    if (dies !== 'before') this.apply(drafts, batches, runs);
    if (dies === 'no') {
      this.leader.commit(drafts, batches, runs);
      this.turn();
    } else this.takeOver();
    return true;
  }

  fireAll(): void {
    while (this.fire());
  }

  /** A new leader reads what is durable. A task that was released and that nobody had begun waits again. */
  takeOver(): void {
    for (const task of this.tasks) if (task.state === 'pending' && task.fire.wait !== undefined) task.state = 'held';
    this.#since = this.now;
    this.leader = this.#newLeader();
    for (const [id, { lines, states }] of this.#pages)
      this.leader.learnPage(id, lines, decodeScheduleStates(id, bytes(states)));
    for (const { batch, index, fire, starts, state, id, endedAt } of this.tasks)
      if (state === 'succeeded' || state === 'failed' || state === 'cancelled')
        this.leader.learnEnd(fire, {
          n: fire.n,
          outcome: state,
          starts,
          task: id,
          ...(endedAt === undefined ? {} : { at: endedAt }),
        });
      else this.leader.learnFire(batch, index, fire, state !== 'held', starts);
    reaim(this.leader, null, this.now);
    beginTerm(this.leader, this.now);
    this.turn();
  }

  /** A worker takes every task that is not held. */
  begin(): void {
    for (const task of this.tasks) if (task.state === 'pending') task.state = 'running';
  }

  /** Somebody removed the batch of the task by hand. */
  vanish(task: MadeTask): void {
    this.tasks.splice(this.tasks.indexOf(task), 1);
    fireMoved(this.leader, task.batch, task.index, 'gone');
    this.turn();
  }

  end(task: MadeTask, state: 'succeeded' | 'failed' | 'cancelled'): void {
    task.state = state;
    task.endedAt = this.now;
    fireMoved(this.leader, task.batch, task.index, state);
    this.turn();
  }

  /** The consequences of ends, as the leader's loop does it. A cancelled task obeys at once. */
  turn(): void {
    while (this.leader.stale.size > 0) reckonStale(this.leader, this.now);
    settle(this.leader, this.now);
    for (let asks = this.leader.asks.splice(0); asks.length > 0; asks = this.leader.asks.splice(0)) {
      for (const { kind, fire } of asks) {
        const task = this.tasks.find(({ batch, index }) => batch === fire.batch && index === fire.index);
        if (task === undefined || ['succeeded', 'failed', 'cancelled'].includes(task.state)) continue;
        if (kind === 'release') task.state = 'pending';
        else {
          task.state = 'cancelled';
          fireMoved(this.leader, fire.batch, fire.index, 'cancelled');
        }
      }
      settle(this.leader, this.now);
    }
    const drafts = dirtyPages(this.leader);
    if (drafts.length === 0) return;
    this.apply(drafts, []);
    this.leader.commit(drafts);
  }

  of(state: TaskState): MadeTask[] {
    return this.tasks.filter((task) => task.state === state);
  }

  #newLeader(): Book {
    const newId = (): string => `B${String(this.#batches++).padStart(25, '0')}`;
    const planOf = (hash: string): Plan | null => (hash === RUNS.flow.plan ? PLAN : null);
    return new Book({ retainMs: 3_600_000, newId, kept: () => this.#kept(), planOf, zoneData: this.zoneData });
  }

  #kept(): KeptFire[] {
    return this.tasks.map(({ fire: { schedule, n, nominal, kind }, id, state }) => {
      return { schedule, n, nominal, kind, task: id, failed: state === 'failed' };
    });
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
