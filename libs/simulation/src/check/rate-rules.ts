import { decodeRecord, LIMIT_SHARDS, reservedKeys, ROOTS } from '@drover/protocol';
import type { RateSpec } from '@drover/core';
import type { DeclaredLimits } from './declared-limits.js';
import type { Findings } from './findings.js';
import type { LimitedTask, LimitRulesOptions } from './limit-rules.js';
import type { ZnodeChange } from './znode-change.js';

/** A reservation reaches so far beyond what a burst takes, at most. */
const RESERVED_MS = 1_000;
/** Leaders' clocks run too fast by one in a thousand at most. */
const FAST_MS = 50;
/** By so much a leader's clock is behind ZooKeeper's: answers on slow networks set it. */
const SLOW_MS = 2_000;
const ROUNDING_MS = 0.01;

interface Reserved {
  /** As it is in ZooKeeper. */
  tat: number;
  /** Of the rate, at least: with every start of this term that is written. Null: no start yet. */
  leastTat: number | null;
  /** `tat` at the beginning of the term. */
  foundTat: number;
}

/**
 * Rates, by GCRA: each start moves the time of the next one on by an interval, from where the leader before may have
 * stopped, and never beyond what is reserved in ZooKeeper at that moment; and a reservation reaches a second ahead of a
 * burst, no further.
 */
export class RateRules {
  readonly #findings: Findings;
  readonly #declared: DeclaredLimits;
  readonly #options: LimitRulesOptions;
  /** By limit and key. */
  readonly #keys = new Map<string, Map<string, Reserved>>();
  #termBegan = 0;

  constructor(findings: Findings, declared: DeclaredLimits, options: LimitRulesOptions) {
    this.#findings = findings;
    this.#declared = declared;
    this.#options = options;
  }

  /** The limit is another one now: nothing is known of how its starts were counted. */
  changed(name: string): void {
    for (const reserved of this.#keys.get(name)?.values() ?? []) [reserved.leastTat, reserved.foundTat] = [null, 0];
  }

  see({ writes }: ZnodeChange): void {
    for (const write of writes) {
      if (write.path === ROOTS.epoch && (write.op === 'set' || write.op === 'create')) this.#takeover();
      const [root, name = '', shard = ''] = write.path.slice(1).split('/');
      if (`/${root ?? ''}` !== ROOTS.limits || !LIMIT_SHARDS.includes(shard) || write.op === 'check') continue;
      const keys = write.op === 'delete' ? [] : reservedKeys(decodeRecord('limitShard', write.path, write.data));
      this.#reserved(name, shard, new Map(keys.map(({ key, tat }) => [key, tat])));
    }
  }

  #takeover(): void {
    this.#termBegan = this.#options.nowMs();
    for (const keys of this.#keys.values())
      for (const reserved of keys.values()) [reserved.leastTat, reserved.foundTat] = [null, reserved.tat];
  }

  readonly #shards = new Map<string, ReadonlyMap<string, number>>();

  #reserved(name: string, shard: string, now: ReadonlyMap<string, number>): void {
    const at = `${name}/${shard}`;
    const known = this.#keys.get(name) ?? new Map<string, Reserved>();
    this.#keys.set(name, known);
    for (const key of this.#shards.get(at)?.keys() ?? []) if (!now.has(key)) known.delete(key);
    this.#shards.set(at, now);
    for (const [key, tat] of now) {
      const before = known.get(key);
      if (before === undefined) known.set(key, { tat, leastTat: null, foundTat: 0 });
      if (before?.tat === tat) continue;
      if (before !== undefined) before.tat = tat;
      this.#isNear(name, key, tat);
    }
  }

  #isNear(name: string, key: string, tat: number): void {
    const rate = this.#rateOf(name);
    if (rate === null || !this.#options.isTimeRight) return;
    const most = this.#options.nowMs() + FAST_MS + farthest(rate);
    this.#findings.expect(
      tat <= most,
      () => `'${name}/${key}' is reserved until ${tat}, ${tat - most} ms beyond what its rate allows`,
    );
  }

  /** A task goes out under a key. */
  started({ task, readyMs }: LimitedTask, name: string, key: string): void {
    const rate = this.#rateOf(name);
    if (rate === null) return;
    const reserved = this.#keys.get(name)?.get(key);
    if (reserved === undefined) {
      this.#findings.add(`task ${task.id} was handed out under '${name}/${key}', of which nothing is reserved`);
      return;
    }
    if (!this.#options.isTimeRight) return;
    const soonest = readyMs - SLOW_MS;
    const found = Math.min(reserved.foundTat, this.#termBegan - SLOW_MS + farthest(rate));
    const leastTat = Math.max(reserved.leastTat ?? found, soonest) + rate.periodMs / rate.limit;
    reserved.leastTat = leastTat;
    this.#findings.expect(
      leastTat <= reserved.tat + ROUNDING_MS,
      () =>
        `task ${task.id} was handed out under '${name}/${key}' ${leastTat - reserved.tat} ms beyond what is reserved ` +
        `(${reserved.tat})`,
    );
  }

  /** Null: none, or it was changed lately. */
  #rateOf(name: string): RateSpec | null {
    const specs = this.#declared.lately(name);
    return specs.length === 1 ? (specs[0]?.rate ?? null) : null;
  }
}

/** A TAT is at most so far beyond now: a second is reserved, and a burst with the start that ends it. */
const farthest = ({ limit, periodMs, burst }: RateSpec): number => RESERVED_MS + (burst * periodMs) / limit;
