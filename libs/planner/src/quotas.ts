import type { Account, AccountBook } from './accounts.js';
import { demandOf } from './demands.js';
import { Key } from './gates.js';
import type { SubQueue } from './sub-queue.js';

/**
 * So much of one resource may be claimed, and no more: by an account, of a floating resource, or of what the others leave.
 * Classes differ in how much a task of theirs needs, so each amount that is needed has a key of its own to wait at: who
 * needs much keeps nobody from going who needs little.
 */
export abstract class Quota {
  readonly resource: string;
  readonly #keys = new Map<number, QuotaKey>();

  constructor(resource: string) {
    this.resource = resource;
  }

  /** May be claimed besides what is; below 0: more is claimed than may be. */
  abstract get free(): number;

  /** The key of tasks that need so much each, made now if there is none. */
  key(need: number): QuotaKey {
    let key = this.#keys.get(need);
    if (key === undefined) this.#keys.set(need, (key = new QuotaKey(this, need)));
    return key;
  }

  keys(): Iterable<QuotaKey> {
    return this.#keys.values();
  }

  forgetIfIdle(key: QuotaKey): void {
    if (key.users === 0 && !key.hasWaiting) this.#keys.delete(key.need);
  }
}

/** Those who need so much of the resource for each task. */
export class QuotaKey extends Key {
  readonly quota: Quota;
  readonly need: number;

  constructor(quota: Quota, need: number) {
    super();
    this.quota = quota;
    this.need = need;
  }

  override room(): number {
    return Math.max(0, Math.floor(this.quota.free / this.need) - this.taking);
  }
}

/** No more than its limit says is claimed by the account. */
export class LimitQuota extends Quota {
  readonly account: Account;

  constructor(resource: string, account: Account) {
    super(resource);
    this.account = account;
  }

  get limit(): number {
    return this.account.spec.limit[this.resource] ?? Infinity;
  }

  override get free(): number {
    return this.limit - this.account.claimedOf(this.resource);
  }
}

/** A floating resource: there is so much of it, wherever its tasks run. */
export class FloatingQuota extends Quota {
  total = 0;
  claimed = 0;

  override get free(): number {
    return this.total - this.claimed;
  }
}

/** Others have guarantees that they do not lend: what they do not hold of those idles. */
export class UnlentQuota extends Quota {
  readonly account: Account;
  readonly #book: AccountBook;

  constructor(resource: string, account: Account, book: AccountBook) {
    super(resource);
    this.account = account;
    this.#book = book;
  }

  override get free(): number {
    const { resource } = this;
    let free = this.#book.totals.of(resource);
    for (const account of this.#book.all()) {
      free -= account.claimedOf(resource);
      if (account !== this.account && !account.spec.lend)
        free -= Math.max(0, account.guaranteedOf(resource) - account.claimedOf(resource));
    }
    return free;
  }
}

/** All that may be claimed only so far. */
export class QuotaBook {
  readonly #book: AccountBook;
  readonly #limits = new Map<Account, LimitQuota[]>();
  readonly #floating = new Map<string, FloatingQuota>();
  /** By resource, one for each account that meets it. */
  readonly #unlent = new Map<string, Map<Account, UnlentQuota>>();
  /** Told of keys at which somebody waits, and which may have room now. */
  readonly #changed: (key: Key) => void;
  /** Something was lowered since this was set to false, or may have been. */
  mayBeExceeded = false;

  constructor(book: AccountBook, changed: (key: Key) => void) {
    this.#book = book;
    this.#changed = changed;
  }

  /** No quota is in force, and none has to be counted. */
  get isEmpty(): boolean {
    return this.#limits.size === 0 && this.#floating.size === 0 && this.#unlent.size === 0;
  }

  floating(): Iterable<FloatingQuota> {
    return this.#floating.values();
  }

  isFloating(resource: string): boolean {
    return this.#floating.has(resource);
  }

  /** `null`: there is no such floating resource any more. */
  setFloating(resource: string, total: number | null): void {
    this.#book.totals.setFloating(resource, total);
    if (total === null) {
      this.#floating.delete(resource);
      return;
    }
    const known = this.#floating.get(resource) ?? new FloatingQuota(resource);
    known.total = total;
    this.#floating.set(resource, known);
  }

  /** Accounts have been declared, or are no more. */
  accountsChanged(): void {
    this.#limits.clear();
    this.#unlent.clear();
    for (const account of this.#book.all()) {
      const limits = Object.keys(account.spec.limit).map((resource) => new LimitQuota(resource, account));
      if (limits.length > 0) this.#limits.set(account, limits);
      if (account.spec.lend) continue;
      for (const resource of Object.keys(account.spec.guarantee)) this.#unlent.set(resource, new Map());
    }
  }

  /** Everything that tasks of the sub-queue are under. */
  keysOf({ queue: { account }, workClass }: SubQueue): readonly QuotaKey[] {
    if (this.isEmpty) return NO_KEYS;
    const demand = demandOf(workClass);
    const keys: QuotaKey[] = [];
    for (const quota of [...(this.#limits.get(account) ?? []), ...this.#floating.values()]) {
      const need = demand[quota.resource] ?? 0;
      if (need > 0) keys.push(quota.key(need));
    }
    for (const resource of this.#unlent.keys()) {
      const need = demand[resource] ?? 0;
      if (need > 0) keys.push(this.#unlentOf(resource, account).key(need));
    }
    return keys;
  }

  #unlentOf(resource: string, account: Account): UnlentQuota {
    const ofResource = this.#unlent.get(resource) ?? new Map<Account, UnlentQuota>();
    let quota = ofResource.get(account);
    if (quota === undefined) {
      quota = new UnlentQuota(resource, account, this.#book);
      ofResource.set(account, quota);
    }
    return quota;
  }

  /** So many places of the demand have been claimed by tasks of the account, or fewer are. */
  claimed(account: Account, demand: Readonly<Record<string, number>>, places: number): void {
    if (this.isEmpty) return;
    for (const quota of this.#floating.values()) {
      const need = demand[quota.resource] ?? 0;
      if (need === 0) continue;
      quota.claimed += need * places;
      this.#tell(quota);
    }
    for (const quota of this.#limits.get(account) ?? []) if (quota.resource in demand) this.#tell(quota);
    if (this.#unlent.size === 0) return;
    for (const [resource, quotas] of this.#unlent)
      if (resource in demand) for (const quota of quotas.values()) this.#tell(quota);
  }

  /** There is more of something, or less. */
  totalsChanged(): void {
    for (const quotas of this.#unlent.values()) for (const quota of quotas.values()) this.#tell(quota);
  }

  /** Everything is about to be counted anew. */
  clear(): void {
    for (const quota of this.#floating.values()) quota.claimed = 0;
  }

  /** Those of which more is claimed than may be. */
  *exceeded(): Generator<Quota> {
    for (const quota of this.#floating.values()) if (quota.free < 0) yield quota;
    for (const quotas of this.#limits.values()) for (const quota of quotas) if (quota.free < 0) yield quota;
  }

  #tell(quota: Quota): void {
    for (const key of quota.keys()) if (key.hasWaiting) this.#changed(key);
  }
}

const NO_KEYS: readonly QuotaKey[] = [];
