import { fnv1a, LIMITS, splitLimitRef, type LimitOn, type LimitSpec } from '@drover/core';
import { Key } from './gates.js';
import { afterStarts, clamped, nextStartAt, startsAt, timesOf, toReserve, type RateTimes } from './gcra.js';

/** Bytes of the record of one shard at most, about: ZooKeeper's records are small. */
const SHARD_BYTES = 200_000;
const BYTES_BESIDE_KEY = 48;

/** A limit that somebody declared, or that tasks name although nobody has. */
export class Limit {
  readonly name: string;
  /** Null: nobody has declared it. It limits nothing. */
  spec: LimitSpec | null = null;
  times: RateTimes | null = null;
  /** All of it is held until then. */
  heldUntil = 0;
  /** Keys that have tasks out or waiting, or whose rate was used lately. */
  readonly keys = new Map<string, LimitKey>();
  readonly #shards: (Shard | undefined)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** The key, made now if there is none. */
  key(name: string): LimitKey {
    let key = this.keys.get(name);
    if (key === undefined) this.keys.set(name, (key = new LimitKey(this, name)));
    return key;
  }

  /** Tasks of the key that may go out now. */
  roomOf(name: string, now: number): number {
    const key = this.keys.get(name);
    if (key !== undefined) return key.room(now);
    if (this.spec === null) return Infinity;
    if (this.heldUntil > now || (this.times !== null && this.shardOf(name).isFull(name))) return 0;
    return Math.min(this.spec.concurrency ?? Infinity, this.spec.rate?.burst ?? Infinity);
  }

  shardOf(key: string): Shard {
    const at = shardAt(key);
    return (this.#shards[at] ??= new Shard(this, at));
  }

  shards(): Shard[] {
    return this.#shards.filter((shard) => shard !== undefined);
  }
}

/** The keys of a limit that one record of reservations names. */
export class Shard {
  readonly limit: Limit;
  readonly at: number;
  readonly keys = new Set<LimitKey>();
  /** A look at it, to see who is idle, is due. */
  isAwaited = false;
  #bytes = 0;

  constructor(limit: Limit, at: number) {
    this.limit = limit;
    this.at = at;
  }

  /** Another key has no place in the record: its tasks wait until others are idle. */
  isFull(key: string): boolean {
    return this.keys.size >= LIMITS.limitKeysOfShard || this.#bytes + bytesOf(key) > SHARD_BYTES;
  }

  add(key: LimitKey): void {
    if (this.keys.has(key)) return;
    this.keys.add(key);
    this.#bytes += bytesOf(key.name);
  }

  delete(key: LimitKey): void {
    if (this.keys.delete(key)) this.#bytes -= bytesOf(key.name);
  }
}

const bytesOf = (key: string): number => 3 * key.length + BYTES_BESIDE_KEY;

/** The same for every leader. */
export const shardAt = (key: string): number => fnv1a(key) % LIMITS.limitShards;

/** One key of a limit: the tasks that are counted together. Others wait for it at its sides. */
export class LimitKey extends Key {
  readonly limit: Limit;
  readonly name: string;
  /** Tasks that are out. */
  out = 0;
  /** Of the rate, with all starts so far; see `gcra.ts`. */
  tat = 0;
  /** As it was written down last: no start goes beyond it. */
  reserved = 0;
  holdUntil = 0;
  /** When the heap of due times will bring it up; null: not. */
  wakeAt: number | null = null;

  constructor(limit: Limit, name: string) {
    super();
    this.limit = limit;
    this.name = name;
  }

  get heldUntil(): number {
    return Math.max(this.limit.heldUntil, this.holdUntil);
  }

  room(now: number): number {
    const { spec, times } = this.limit;
    if (spec === null) return Infinity;
    if (this.heldUntil > now) return 0;
    const places = spec.concurrency === null ? Infinity : spec.concurrency - this.out - this.taking;
    if (times === null || places <= 0) return places;
    const shard = this.limit.shardOf(this.name);
    if (!shard.keys.has(this) && shard.isFull(this.name)) return 0;
    return Math.min(places, startsAt(this.tat, now, times) - this.taking);
  }

  /** From when on it has room as far as rate and holds are concerned; null: now. */
  nextAt(now: number): number | null {
    const { times } = this.limit;
    let at = this.heldUntil;
    if (times !== null) {
      at = Math.max(at, nextStartAt(this.tat, times));
      const shard = this.limit.shardOf(this.name);
      // Keys that are idle then make place.
      if (!shard.keys.has(this) && shard.isFull(this.name)) at = Math.max(at, now + 1_000);
    }
    return at > now ? at : null;
  }

  /**
   * Another leader wrote the record of its rate, or it was written for another rate. It is brought back to what can be once and
   * for all: brought back at each look it would move on with the time, and the key would wait until the clock that wrote it.
   */
  bringBack(now: number): void {
    const { times } = this.limit;
    if (times === null) return;
    this.tat = clamped(this.tat, now, times);
    this.reserved = clamped(this.reserved, now, times);
  }

  /** So many attempts of its tasks start. True: more than was reserved. */
  start(starts: number, now: number): boolean {
    const { times } = this.limit;
    if (times === null) return false;
    this.tat = afterStarts(this.tat, now, starts, times);
    return this.tat > this.reserved;
  }

  /** Covers what goes out in the next second, in what is written down now. */
  reserve(now: number): void {
    const { times } = this.limit;
    if (times !== null && this.tat > now) this.reserved = Math.max(this.reserved, toReserve(this.tat, now, times));
  }

  /** Nothing about it need be remembered beyond the term. */
  isIdle(now: number): boolean {
    return this.holdUntil <= now && Math.max(this.tat, this.reserved) <= now;
  }
}

/** All limits, and which of their keys something has happened to. */
export class LimitBook {
  readonly #limits = new Map<string, Limit>();
  /** Keys whose room may have changed. */
  readonly changed = new Set<Key>();
  /** Shards that must be written before what was handed out. */
  readonly toWrite = new Set<Shard>();
  /** The time of the plan that is being made. */
  now = 0;
  /** Those that are declared for tasks that do not name them. */
  #general: readonly Limit[] = [];
  /** News of limits since the last plan, in their order: they count from the next one on. */
  readonly news: { readonly declares: boolean; readonly apply: () => void }[] = [];
  /** Grows when other limits are in force. */
  version = 0;

  limits(): Iterable<Limit> {
    return this.#limits.values();
  }

  find(name: string): Limit | undefined {
    return this.#limits.get(name);
  }

  named(name: string): Limit {
    let limit = this.#limits.get(name);
    if (limit === undefined) this.#limits.set(name, (limit = new Limit(name)));
    return limit;
  }

  /** `null`: nobody declares it any more. Its counts are kept where it counts the same things. */
  declare(name: string, spec: LimitSpec | null): void {
    const limit = this.named(name);
    if (limit.spec !== null && spec?.per !== limit.spec.per) {
      for (const shard of limit.shards()) {
        for (const key of shard.keys) shard.delete(key);
        // Records of keys that are no more must vanish; with a limit that is removed they do.
        if (spec === null) this.toWrite.delete(shard);
        else this.toWrite.add(shard);
      }
      for (const key of limit.keys.values()) [key.tat, key.reserved, key.holdUntil] = [0, 0, 0];
    }
    if (spec === null) {
      limit.heldUntil = 0;
      this.#limits.delete(name);
    }
    limit.spec = spec;
    const rate = spec?.rate ?? null;
    limit.times = rate === null ? null : timesOf(rate);
    for (const key of limit.keys.values()) key.bringBack(this.now);
    this.#general = [...this.#limits.values()].filter((each) => (each.spec?.on ?? null) !== null);
    this.version++;
  }

  /** The limits that tasks are under which name these, and those that are declared for such a queue and type. */
  forTasks(names: readonly string[], queue: string, type: string): Limit[] {
    if (names.length === 0 && this.#general.length === 0) return NO_LIMITS;
    const limits = new Set<Limit>();
    for (const name of names) {
      const limit = this.#limits.get(name);
      if (limit !== undefined && limit.spec !== null) limits.add(limit);
    }
    for (const limit of this.#general) if (fits(limit.spec?.on ?? null, queue, type)) limits.add(limit);
    return [...limits];
  }

  touch(key: LimitKey): void {
    if (key.hasWaiting) this.changed.add(key);
    else this.forgetIfIdle(key);
  }

  /** Nothing is remembered of a key that nobody speaks of. */
  forgetIfIdle(key: LimitKey): void {
    const { limit, name } = key;
    if (key.users > 0 || key.out > 0 || key.taking > 0 || key.hasWaiting || !key.isIdle(this.now)) return;
    if (limit.shardOf(name).keys.has(key)) return;
    if (limit.keys.get(name) === key) limit.keys.delete(name);
  }
}

function fits(on: LimitOn | null, queue: string, type: string): boolean {
  return on !== null && (on.queue === undefined || on.queue === queue) && (on.type === undefined || on.type === type);
}

/** The names of the limits that a task names, sorted, each once. */
export function limitNames(refs: readonly string[] | null): readonly string[] {
  return refs === null ? NO_NAMES : [...new Set(refs.map((ref) => splitLimitRef(ref).name))].sort();
}

const NO_NAMES: readonly string[] = [];
const NO_LIMITS: Limit[] = [];
