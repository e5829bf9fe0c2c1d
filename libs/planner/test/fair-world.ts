import { countOf, satisfies, withSlots, type AccountSpec, type Amounts } from '@drover/core';
import { STANDARD_ACCOUNT } from '../src/accounts.js';
import type { Command, Group, WorkerFact } from '../src/model.js';
import { check } from './account.js';
import type { World } from './world.js';

type Assign = Extract<Command, { kind: 'assign' }>['assignment'];

interface Claim {
  readonly account: string;
  readonly worker: string;
  readonly demand: Amounts;
  readonly width: number;
}

/** A class of tasks of an account that always has more of them. */
export interface Backlog {
  readonly account: string;
  readonly queue: string;
  readonly demand: Amounts;
  readonly where: Group['where'];
}

/** Against 0.30000000000000004 where 0.3 is meant. */
const ROUNDING = 1e-9;

/**
 * The naive model of fair shares: it scans everything at each decision. An account that is served must be the one that holds least
 * for its weight among those whose tasks fit somewhere (progressive filling; with conditions on workers this is Choosy's
 * rule), accounts below their guarantee before all others.
 */
export class FairModel {
  readonly #world: World;
  readonly #backlogs: readonly Backlog[];
  readonly accounts = new Map<string, AccountSpec>();
  readonly floating = new Map<string, number>();
  readonly #claims = new Map<string, Claim>();

  constructor(world: World, backlogs: readonly Backlog[]) {
    this.#world = world;
    this.#backlogs = backlogs;
  }

  /** The commands of one plan, one decision after the other. */
  follow(commands: readonly Command[]): void {
    for (const [id, { width }] of this.#claims) {
      const open = this.#world.assignments.get(id)?.open.size ?? 0;
      if (open === 0) this.#claims.delete(id);
      else if (open < width) this.#claims.set(id, { ...(this.#claims.get(id) as Claim), width: open });
    }
    const made = commands.flatMap((command) => (command.kind === 'assign' ? [command.assignment] : []));
    for (const fact of made) this.#claims.delete(fact.id);
    for (const fact of made) this.#decide(fact);
  }

  #decide(fact: Assign): void {
    const batch = this.#world.batches.get(fact.batch)?.fact;
    const served = this.#backlogs.find(({ queue }) => queue === batch?.queue);
    if (served === undefined) throw new Error('nobody knows what was handed out');
    const { account, demand } = served;
    const fair = this.#backlogs.filter((each) => this.fits(each) && this.#hasPending(each));
    check(this.#fitsAt(served, fact.worker), `gives a task of ${account} to ${fact.worker}, which has no room`);
    for (const other of fair)
      check(
        !this.#isBefore(other.account, account),
        `serves ${account} ${this.share(account)} before ${other.account} ${this.share(other.account)}`,
      );
    const width = Math.min(fact.width ?? Infinity, countOf(fact.tasks));
    this.#claims.set(fact.id, { account, worker: fact.worker, demand, width });
    for (const [resource, most] of Object.entries(this.#spec(account).limit))
      if (resource in demand)
        check(this.held(account, resource) <= most, `${account} is above its limit of ${resource}`);
    for (const [resource, total] of this.floating)
      if (resource in demand) check(this.#heldOfAll(resource) <= total, `more of ${resource} is held than there is`);
    for (const worker of this.#world.told.values())
      for (const resource in demand)
        if (!this.floating.has(resource))
          check(this.#free(worker, resource) >= 0, `more of ${resource} is claimed of ${worker.id} than it has`);
  }

  /** Some task of it waits that no plan has handed out before. */
  #hasPending({ queue }: Backlog): boolean {
    for (const { fact, states } of this.#world.batches.values())
      if (fact.queue === queue && states.includes('waiting')) return true;
    return false;
  }

  /** A task of it could run somewhere now. */
  fits(backlog: Backlog): boolean {
    const { account, demand } = backlog;
    const { limit } = this.#spec(account);
    for (const [resource, most] of Object.entries(limit))
      if ((demand[resource] ?? 0) > 0 && this.held(account, resource) + (demand[resource] ?? 0) > most) return false;
    for (const [resource, total] of this.floating)
      if ((demand[resource] ?? 0) > 0 && this.#heldOfAll(resource) + (demand[resource] ?? 0) > total) return false;
    return [...this.#world.told.keys()].some((worker) => this.#fitsAt(backlog, worker));
  }

  #fitsAt({ demand, where }: Backlog, id: string): boolean {
    const worker = this.#world.told.get(id);
    if (worker === undefined || worker.draining || !satisfies(where ?? [], worker.labels ?? {})) return false;
    return Object.entries(demand).every(
      ([resource, need]) => this.floating.has(resource) || this.#free(worker, resource) >= need,
    );
  }

  #free(worker: WorkerFact, resource: string): number {
    let free = capacityOf(worker, resource);
    for (const claim of this.#claims.values())
      if (claim.worker === worker.id) free -= (claim.demand[resource] ?? 0) * claim.width;
    return free;
  }

  held(account: string, resource: string): number {
    let held = 0;
    for (const claim of this.#claims.values())
      if (claim.account === account) held += (claim.demand[resource] ?? 0) * claim.width;
    return held;
  }

  #heldOfAll(resource: string): number {
    return [...new Set(this.#backlogs.map(({ account }) => account))].reduce(
      (sum, account) => sum + this.held(account, resource),
      0,
    );
  }

  total(resource: string): number {
    let total = this.floating.get(resource) ?? 0;
    for (const worker of this.#world.told.values()) if (!worker.draining) total += capacityOf(worker, resource);
    return total;
  }

  #spec(account: string): AccountSpec {
    return this.accounts.get(account) ?? STANDARD_ACCOUNT;
  }

  /** The dominant share over the weight. */
  share(account: string): number {
    const resources = new Set(this.#backlogs.flatMap(({ demand }) => Object.keys(demand)));
    let most = 0;
    for (const resource of resources) {
      const total = this.total(resource);
      if (total > 0) most = Math.max(most, this.held(account, resource) / total);
    }
    return most / this.#spec(account).weight;
  }

  isBelow(account: string): boolean {
    const { guarantee } = this.#spec(account);
    const wanted = Object.entries(guarantee).filter(([resource]) =>
      this.#backlogs.some(
        (each) => each.account === account && (each.demand[resource] ?? 0) > 0 && this.#hasPending(each),
      ),
    );
    const scaleOf = (resource: string): number => {
      const all = [...this.accounts.values()].reduce((sum, spec) => sum + (spec.guarantee[resource] ?? 0), 0);
      return Math.min(1, this.total(resource) / Math.max(1, all));
    };
    return (
      wanted.length > 0 &&
      wanted.every(([resource, least]) => this.held(account, resource) < least * scaleOf(resource) - ROUNDING)
    );
  }

  #isBefore(a: string, b: string): boolean {
    if (a === b) return false;
    const [belowA, belowB] = [this.isBelow(a), this.isBelow(b)];
    if (belowA !== belowB) return belowA;
    return this.share(a) < this.share(b) - ROUNDING;
  }
}

const capacityOf = (worker: WorkerFact, resource: string): number =>
  resource === 'slots' ? worker.capacity * 1_000 : (worker.resources?.[resource] ?? 0);

export const demandWith = (amounts: Amounts): Amounts => withSlots(amounts);
