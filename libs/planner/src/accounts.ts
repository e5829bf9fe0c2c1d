import { definitionOf, SCHEDULING_DEFAULTS, type AccountSpec, type Amounts, type QueueSettings } from '@drover/core';
import type { Seat } from './bands.js';
import { demandOf } from './demands.js';
import type { PlannerSettings } from './model.js';
import type { SubQueue } from './sub-queue.js';
import { Totals } from './totals.js';

/** Of an account that nobody has declared. */
export const STANDARD_ACCOUNT: AccountSpec = definitionOf('account').standard;
/** Thousandths that one place of a worker counts. */
export const PLACE_OF_WORKER = 1_000;

/** An owner of queues: whatever their tasks hold is measured together. */
export class Account {
  readonly name: string;
  readonly number: number;
  readonly isDefault: boolean;
  /** One for each priority that a queue of it has. */
  readonly seats = new Set<Seat>();
  spec: AccountSpec = STANDARD_ACCOUNT;
  /** Queues that there are of it. */
  queues = 0;
  /** Tasks without a placement that are out. */
  plainOut = 0;
  /** Thousandths of places that these take up at their workers: a part of the places where several accounts are. */
  plainSlots = 0;
  /** Its dominant share of what there is, over its weight. */
  share = 0;
  /** The shares that it had before, with the half-life of the fairness memory; 0: nothing is remembered. */
  past = 0;
  /** Its tasks wait, and it holds less of what they demand than it is guaranteed. */
  isBelow = false;
  /** Claims of tasks with a placement. */
  readonly #claims = new Map<string, number>();
  /** Sub-queues with pending tasks, by the resources that they demand; null: nothing is guaranteed. */
  #waiting: Map<string, number> | null = null;
  readonly #book: AccountBook;

  constructor(name: string, number: number, book: AccountBook) {
    this.name = name;
    this.number = number;
    this.isDefault = number === 0;
    this.#book = book;
  }

  /** The contest asks for this: the least goes first. */
  get measure(): number {
    return this.share + this.past;
  }

  /** All that its tasks hold, by resource. */
  get held(): Amounts {
    const held = Object.fromEntries([...this.#claims].filter(([, amount]) => amount > 0));
    return this.plainSlots > 0 ? { ...held, slots: (held.slots ?? 0) + this.plainSlots } : held;
  }

  /** The amount of the resource that its tasks hold. */
  heldOf(resource: string): number {
    return (this.#claims.get(resource) ?? 0) + (resource === 'slots' ? this.plainSlots : 0);
  }

  /** The most that its tasks may come to hold: each that is out without a placement counts, also one that goes ahead. */
  claimedOf(resource: string): number {
    return (this.#claims.get(resource) ?? 0) + (resource === 'slots' ? this.plainOut * PLACE_OF_WORKER : 0);
  }

  /** Its guarantee of the resource: a part, where more is guaranteed to all than there is. */
  guaranteedOf(resource: string): number {
    return (this.spec.guarantee[resource] ?? 0) * this.#book.guaranteeScale(resource);
  }

  /** Its share when it held so much more, or less (`sign` -1). */
  shareWith(amounts: Amounts, sign: 1 | -1 = 1): number {
    const { totals, counts } = this.#book;
    let most = 0;
    const look = (resource: string): void => {
      const total = counts(resource) ? totals.of(resource) : 0;
      if (total > 0) most = Math.max(most, (this.heldOf(resource) + sign * (amounts[resource] ?? 0)) / total);
    };
    for (const resource of this.#claims.keys()) look(resource);
    for (const resource in amounts) look(resource);
    if (this.plainSlots > 0) look('slots');
    return most / this.spec.weight;
  }

  /** Its tasks claim so many times the demand more, or less. The book's business alone. */
  claim(demand: Amounts, times: number): void {
    for (const resource in demand) {
      const claimed = (this.#claims.get(resource) ?? 0) + times * (demand[resource] ?? 0);
      if (claimed > 0) this.#claims.set(resource, claimed);
      else this.#claims.delete(resource);
    }
  }

  /** It holds nothing: everything is about to be counted anew. The book's business alone. */
  clear(): void {
    this.#claims.clear();
    this.plainOut = 0;
    this.plainSlots = 0;
  }

  /** A sub-queue of it has pending tasks (1), or none any more (-1). */
  wants({ workClass }: SubQueue, by: 1 | -1): void {
    if (this.#waiting === null) return;
    for (const resource in demandOf(workClass)) this.#waiting.set(resource, (this.#waiting.get(resource) ?? 0) + by);
    this.refresh();
  }

  /** A guarantee is something else: `subs` are all of its sub-queues. */
  countWaiting(subs: Iterable<SubQueue>): void {
    this.#waiting = Object.keys(this.spec.guarantee).length === 0 ? null : new Map();
    for (const sub of subs) if (sub.pending > 0) this.wants(sub, 1);
    this.refresh();
  }

  /** Its claims, or the totals, have changed: its turns come earlier or later. */
  refresh(): void {
    const share = this.shareWith(NOTHING);
    const isBelow = this.#waiting !== null && this.#lacksWhatIsGuaranteed();
    if (share === this.share && isBelow === this.isBelow) return;
    this.share = share;
    this.isBelow = isBelow;
    this.#move();
  }

  /** So much time has passed in which its share was what it is. `kept`: the part of the past that is still remembered. */
  age(kept: number): void {
    this.past = this.past * kept + this.share * (1 - kept);
    this.#move();
  }

  #move(): void {
    for (const seat of this.seats) seat.band.turns.moved(seat);
  }

  /**
   * Of every guaranteed resource that its waiting tasks demand it holds less. One that it has enough of is enough: it is
   * the dominant one of what is guaranteed, as the share is of what there is.
   */
  #lacksWhatIsGuaranteed(): boolean {
    let lacks = false;
    for (const resource in this.spec.guarantee) {
      if ((this.#waiting?.get(resource) ?? 0) === 0) continue;
      if (this.heldOf(resource) >= this.guaranteedOf(resource)) return false;
      lacks = true;
    }
    return lacks;
  }
}

/** The measure by which accounts share. */
type Fairness = Pick<PlannerSettings, 'fairness' | 'fairnessExclude' | 'fairnessMemoryMs'>;

/** The accounts, and what there is for them. */
export class AccountBook {
  readonly #accounts = new Map<string, Account>();
  readonly #common: Account;
  readonly totals = new Totals();
  /** Half-life of what is remembered of shares; 0: nothing is. */
  readonly memoryMs: number;
  /** Whether shares count what accounts hold of the resource. */
  readonly counts: (resource: string) => boolean;
  #numbers = 0;
  #agedAt: number | null = null;
  /** All that is guaranteed, by resource. */
  readonly #guaranteed = new Map<string, number>();

  constructor({ fairness, fairnessExclude, fairnessMemoryMs }: Fairness = SCHEDULING_DEFAULTS) {
    this.memoryMs = fairnessMemoryMs;
    const excluded = new Set(fairnessExclude);
    this.counts = (resource) => !excluded.has(resource) && (fairness === 'resources' || resource === 'slots');
    this.#common = this.named(DEFAULT_NAME);
  }

  /** There is nothing to be fair between: the shares of plain tasks need not be counted. */
  get isAlone(): boolean {
    return this.#accounts.size === 1 && this.#common.spec === STANDARD_ACCOUNT;
  }

  all(): Iterable<Account> {
    return this.#accounts.values();
  }

  find(name: string): Account | undefined {
    return this.#accounts.get(name);
  }

  named(name: string): Account {
    let account = this.#accounts.get(name);
    if (account === undefined) this.#accounts.set(name, (account = new Account(name, this.#numbers++, this)));
    return account;
  }

  /** Of a queue that has these settings. */
  of({ account }: QueueSettings): Account {
    return account === DEFAULT_NAME ? this.#common : this.named(account);
  }

  /** No queue names it any more, and nobody has declared it. */
  forgetIfIdle(account: Account): void {
    const isIdle = account.queues === 0 && account.spec === STANDARD_ACCOUNT && !account.isDefault;
    if (isIdle) this.#accounts.delete(account.name);
  }

  /** `null`: nobody declares it any more. */
  declare(name: string, spec: AccountSpec | null): Account {
    const account = this.named(name);
    account.spec = spec ?? STANDARD_ACCOUNT;
    this.forgetIfIdle(account);
    this.#guaranteed.clear();
    for (const { spec: each } of this.all())
      for (const [resource, amount] of Object.entries(each.guarantee))
        this.#guaranteed.set(resource, this.guaranteed(resource) + amount);
    this.totals.haveChanged = true;
    return account;
  }

  /** All that is guaranteed of the resource, to whomever. */
  guaranteed(resource: string): number {
    return this.#guaranteed.get(resource) ?? 0;
  }

  /** The part of each guarantee that can be kept: 1, or less where more is guaranteed than there is. */
  guaranteeScale(resource: string): number {
    const guaranteed = this.guaranteed(resource);
    return guaranteed === 0 ? 1 : Math.min(1, this.totals.of(resource) / guaranteed);
  }

  /** A plan begins. */
  begin(now: number): void {
    if (this.totals.haveChanged) {
      this.totals.haveChanged = false;
      for (const account of this.all()) account.refresh();
    }
    if (this.memoryMs > 0) this.#age(now);
  }

  #age(now: number): void {
    const ms = now - (this.#agedAt ?? now);
    this.#agedAt = now;
    if (ms > 0) for (const account of this.all()) account.age(2 ** (-ms / this.memoryMs));
  }
}

const DEFAULT_NAME = 'default';
const NOTHING: Amounts = {};
