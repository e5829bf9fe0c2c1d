import { DEFAULT_QUEUE_SETTINGS, NO_TENANT, type QueueSettings } from '@drover/core';
import type { WorkClass } from './classes.js';
import type { Account } from './accounts.js';
import type { Seat } from './bands.js';
import type { Contest } from './contest.js';
import type { Aside } from './gates.js';
import type { Guarantee } from './guarantees.js';
import type { QueuePlacement } from './placement/class-placement.js';
import type { Ranked } from './ranking.js';
import { SubQueue } from './sub-queue.js';
import { Tenant, Tenants } from './tenants.js';
import type { Share } from './turns.js';
import { QueueWaits } from './waits.js';

/** A queue: its settings, its tenants with their sub-queues, and how much of it waits and runs. */
export class QueueState implements Share, Ranked {
  readonly name: string;
  readonly number: number;
  /** The tenant of tasks that name none: most queues have no other. */
  readonly own: Tenant;
  /** Its tenants; null: nobody has named one, and none has a limit, so there are no turns to take. */
  tenants: Tenants | null = null;
  /** Its place among the queues of its account and its priority. */
  seat: Seat;
  /** The share that it is given at least; null: it has no minimum share. */
  guarantee: Guarantee | null = null;
  /** It takes turns: something of it may be handed out, as far as it is concerned. */
  isInContest = false;
  /** Gates at which one of its sub-queues stands for those that wait there. */
  readonly candidacies = new Set<Aside>();
  served = 0;
  turn = 0;
  heapAt = -1;
  isUnranked = false;
  rank: Ranked['rank'] = null;
  settings: QueueSettings = DEFAULT_QUEUE_SETTINGS;
  /** The settings that decide where its tasks go, and what they need; null: none does. */
  placement: QueuePlacement | null = null;
  /** It has settings of its own. */
  declared = false;
  /** Unfinished ones. */
  batches = 0;
  pending = 0;
  /** Suspects that are due and not out: pending too, and in no sub-queue. */
  suspects = 0;
  /** Tasks that are assigned. */
  out = 0;
  /** Tasks whose next attempt is due later. */
  retrying = 0;
  readonly waits = new QueueWaits(this);
  /** Tasks that have not ended. */
  unfinished = 0;

  /** As in `Contest`. */
  readonly agingMs: number | null;
  #tenantsMade = 0;

  constructor(name: string, contest: Contest) {
    this.name = name;
    this.seat = contest.seat(this.settings.priority, contest.accounts.of(this.settings));
    this.seat.queues.add(this);
    this.agingMs = contest.agingMs;
    this.number = contest.nextNumber();
    this.own = new Tenant(this, NO_TENANT, 0);
  }

  get account(): Account {
    return this.seat.account;
  }

  /** The sub-queue for the class, made now if there is none. */
  sub(workClass: WorkClass, tenant: string, priority: number): SubQueue {
    const level = this.#tenant(tenant).level(priority, this.agingMs !== null);
    let sub = level.subs.get(workClass);
    if (sub === undefined) {
      sub = new SubQueue(level, workClass);
      level.subs.set(workClass, sub);
      workClass.subs.add(sub);
    }
    return sub;
  }

  /** Its last run is gone. */
  forget({ level, workClass }: SubQueue): void {
    const { tenant } = level;
    level.subs.delete(workClass);
    if (level.subs.size > 0) return;
    tenant.drop(level);
    if (tenant.isEmpty && tenant !== this.own) this.tenants?.byName.delete(tenant.name);
  }

  /** All of its sub-queues. */
  *subs(): Generator<SubQueue> {
    for (const { levels } of this.allTenants()) for (const level of levels) yield* level.subs.values();
  }

  allTenants(): Iterable<Tenant> {
    return this.tenants === null ? [this.own] : this.tenants.byName.values();
  }

  /** From now on its tenants take turns. */
  divide(): Tenants {
    return (this.tenants ??= new Tenants(this.own));
  }

  #tenant(name: string): Tenant {
    if (name === NO_TENANT) return this.own;
    const { byName } = this.divide();
    let tenant = byName.get(name);
    if (tenant === undefined) {
      tenant = new Tenant(this, name, ++this.#tenantsMade);
      byName.set(name, tenant);
    }
    return tenant;
  }

  /** Something of it could take turns. */
  get hasStanding(): boolean {
    return this.tenants === null ? this.own.standing > 0 : this.tenants.turns.size > 0;
  }

  /** The order of turns of its tenants. */
  get firstTenant(): Tenant | null {
    return this.tenants === null ? this.own : this.tenants.turns.first;
  }

  /** It, or each of its tenants, takes only so many tasks. */
  get isBounded(): boolean {
    return this.settings.maxPending !== null || this.settings.maxPendingPerTenant !== null;
  }

  /** Tasks that were never out and are not due, or are held back. */
  get scheduled(): number {
    return this.unfinished - this.pending - this.suspects - this.out - this.retrying;
  }

  /** Tasks that are due or out. */
  get load(): number {
    return this.pending + this.suspects + this.out;
  }

  /** Tasks that may go out now besides those that are out. */
  get allowance(): number {
    const { paused, maxRunning } = this.settings;
    if (paused) return 0;
    return maxRunning === null ? Infinity : Math.max(0, maxRunning - this.out);
  }
}
