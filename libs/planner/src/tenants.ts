import { NO_TENANT } from '@drover/core';
import { Ages } from './ages.js';
import type { WorkClass } from './classes.js';
import type { QueueState } from './queue-state.js';
import type { SubQueue } from './sub-queue.js';
import { Turns, type Share } from './turns.js';

/** The tasks of one priority of a tenant: their classes take turns. */
export class Level extends Turns<SubQueue> {
  readonly tenant: Tenant;
  readonly priority: number;
  readonly subs = new Map<WorkClass, SubQueue>();
  /** Null: the tenant has no other level, or ageing is off. */
  ages: Ages | null = null;

  constructor(tenant: Tenant, priority: number) {
    super();
    this.tenant = tenant;
    this.priority = priority;
  }
}

/** The tasks of one tenant in one queue, by priority. If all have the same it is one level, and costs no more. */
export class Tenant implements Share {
  readonly queue: QueueState;
  readonly name: string;
  readonly number: number;
  /** The highest priority first; at least one. */
  levels: Level[];
  served = 0;
  turn = 0;
  heapAt = -1;
  /** It takes turns with the other tenants of its queue. */
  isInContest = false;
  /** Sub-queues of it that take turns, and those that have pending tasks. */
  standing = 0;
  waiting = 0;
  /** Tasks that are assigned. The ledger's business alone. */
  out = 0;
  /** Tasks that have not ended. The ledger's business alone. */
  unfinished = 0;
  /** It was charged so much too much: what it is served next costs it that much less. */
  credit = 0;
  /**
   * Overdue tasks of a lower priority went first: so many tasks of the highest one go before the next that is overdue.
   */
  owed = 0;

  constructor(queue: QueueState, name: string, number: number) {
    this.queue = queue;
    this.name = name;
    this.number = number;
    this.levels = [new Level(this, 0)];
  }

  /** The level of the priority, made now if there is none. */
  level(priority: number, isAging: boolean): Level {
    const { levels } = this;
    const [first] = levels;
    if (first?.priority === priority) return first;
    const known = levels.find((level) => level.priority === priority);
    if (known !== undefined) return known;
    const made = new Level(this, priority);
    this.#set([...levels.filter(({ subs }) => subs.size > 0), made], isAging);
    return made;
  }

  /** Nothing of the level is left. */
  drop(level: Level): void {
    if (this.levels.length > 1)
      this.#set(
        this.levels.filter((other) => other !== level),
        level.ages !== null,
      );
  }

  #set(levels: Level[], isAging: boolean): void {
    this.levels = levels.sort((a, b) => b.priority - a.priority);
    if (levels.length === 1) this.owed = 0;
    for (const level of levels)
      if (levels.length === 1 || !isAging) level.ages = null;
      else level.ages ??= new Ages(level.subs.values());
  }

  get isEmpty(): boolean {
    return this.levels.length === 1 && this.levels[0]?.subs.size === 0;
  }

  get weight(): number {
    const { tenants } = this.queue.settings;
    return Object.hasOwn(tenants, this.name) ? (tenants[this.name] ?? 1) : 1;
  }

  /** Tasks that may go out now besides those that are out, as far as the tenant is concerned. */
  get allowance(): number {
    const { maxRunningPerTenant } = this.queue.settings;
    return maxRunningPerTenant === null ? Infinity : Math.max(0, maxRunningPerTenant - this.out);
  }

  /** The highest priority that takes turns. */
  get top(): Level | null {
    const { levels } = this;
    const [first] = levels;
    if (first === undefined || levels.length === 1) return first ?? null;
    return levels.find(({ size }) => size > 0) ?? null;
  }

  /**
   * The level that goes first instead of the highest priority, which is `top`: its next task has waited `agingMs` for
   * each level of the difference, and is overdue the longest. Null: nobody does.
   */
  overdue(top: Level, now: number, agingMs: number): SubQueue | null {
    if (this.owed > 0) return null;
    let first: SubQueue | null = null;
    let earliest = now;
    for (const level of this.levels) {
      if (level.priority >= top.priority || level.ages === null) continue;
      const oldest = level.ages.oldest('queue');
      if (oldest === null) continue;
      const since = oldest.since + (top.priority - level.priority) * agingMs;
      if (since > earliest || (since === earliest && first !== null)) continue;
      earliest = since;
      first = oldest.sub;
    }
    return first;
  }

  /** So many tasks of the level were handed out: whether out of order, or in order after such. */
  noteOrder(level: Level, tasks: number): void {
    if (this.levels.length === 1) return;
    const { top } = this;
    if (top !== null && top.priority > level.priority) this.owed += tasks;
    else this.owed = Math.max(0, this.owed - tasks);
  }

  /** The charge for something that costs so much. */
  pay(cost: number): number {
    const paid = Math.min(this.credit, cost);
    this.credit -= paid;
    return cost - paid;
  }
}

/** The tenants of a queue take turns. */
export class Tenants {
  readonly byName = new Map<string, Tenant>();
  readonly turns = new Turns<Tenant>();

  constructor(own: Tenant) {
    this.byName.set(NO_TENANT, own);
    if (own.standing === 0) return;
    own.isInContest = true;
    this.turns.enter(own);
  }
}
