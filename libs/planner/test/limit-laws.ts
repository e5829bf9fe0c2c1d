import { indexesOf, splitLimitRef, taskId, type LimitSpec, type TaskId } from '@drover/core';
import { afterStarts, clamped, nextStartAt, timesOf } from '../src/gcra.js';
import { shardAt } from '../src/limits.js';
import type { BatchFact, Group, Reservation } from '../src/model.js';
import { check, groupAt, isEnd, type WorldAssignment, type WorldBatch } from './account.js';

/** A text that names a key of a limit; no name has a space. */
const named = (limit: string, key: string): string => `${limit} ${key}`;

/**
 * The account of limits and sequences, from the assignments alone: what each key has out, when its attempts started, and
 * what a next leader would find. It stays when leaders change.
 */
export class LimitLaws {
  readonly #batches: ReadonlyMap<string, WorldBatch>;
  readonly #assignments: ReadonlyMap<string, WorldAssignment>;
  /** As the planner goes by. */
  readonly specs = new Map<string, LimitSpec>();
  /** Declared, and not told yet. */
  readonly declared = new Map<string, LimitSpec>();
  /** The records: by limit and shard. */
  readonly records = new Map<string, readonly Reservation[]>();
  /** Of each key, by the starts that there were. */
  readonly #tats = new Map<string, number>();
  /** As a planner may believe that took over. */
  readonly #believed = new Map<string, number>();
  /** Until when each is held, as was told; key '*': all of the limit. */
  readonly holds = new Map<string, number>();

  /** Failed tasks that are to run again, and of which no leader has heard yet: it goes on with what comes after them. */
  readonly untold = new Set<TaskId>();

  /** Some task was perhaps under a limit that it does not name. */
  wereGeneral = false;

  constructor(batches: ReadonlyMap<string, WorldBatch>, assignments: ReadonlyMap<string, WorldAssignment>) {
    this.#batches = batches;
    this.#assignments = assignments;
  }

  told(name: string, spec: LimitSpec | null): void {
    const before = this.specs.get(name);
    this.wereGeneral ||= spec !== null && spec.on !== null;
    if (spec === null) this.specs.delete(name);
    else this.specs.set(name, spec);
    if (JSON.stringify(before) === JSON.stringify(spec ?? undefined)) return;
    // Starts by another rate count for nothing.
    for (const key of this.#tats.keys()) if (key.startsWith(`${name} `)) this.#tats.delete(key);
    if (spec !== null && before?.per === spec.per) return;
    for (const at of [...this.#believed.keys()]) if (at.startsWith(`${name} `)) this.#believed.delete(at);
    for (const at of [...this.records.keys()]) if (at.startsWith(`${name} `)) this.records.delete(at);
    for (const at of [...this.holds.keys()]) if (spec === null && at.startsWith(`${name} `)) this.holds.delete(at);
  }

  /** Another leader: it goes by what is declared, and by the records. */
  tookOver(): void {
    this.untold.clear();
    for (const name of [...this.specs.keys()]) if (!this.declared.has(name)) this.told(name, null);
    for (const [name, spec] of this.declared) this.told(name, spec);
    for (const [at, keys] of this.records) {
      const [limit = ''] = at.split(' ');
      for (const { key, tat } of keys) this.#believed.set(named(limit, key), tat);
    }
  }

  reserved(limit: string, shard: number, keys: readonly Reservation[], now: number): void {
    for (const [at, tat] of this.#tats) {
      const key = at.slice(limit.length + 1);
      if (at !== named(limit, key) || shardAt(key) !== shard) continue;
      check(tat <= now || keys.some((each) => each.key === key), `forgets that ${at} was used`);
    }
    for (const { key } of keys) check(shardAt(key) === shard, `writes ${limit}/${key} into another part`);
    this.records.set(`${limit} ${shard}`, keys);
  }

  /** The keys that a task is under. */
  keysOf({ queue }: BatchFact, { type, tenant, limits }: Group): { limit: string; key: string; spec: LimitSpec }[] {
    const refs = (limits ?? []).map(splitLimitRef);
    return [...this.specs].flatMap(([limit, spec]) => {
      const own = refs.filter(({ name }) => name === limit);
      const { on, per } = spec;
      const fits = on !== null && (on.queue ?? queue) === queue && (on.type ?? type) === type;
      if (own.length === 0 && !fits) return [];
      const keys = per === 'all' ? [''] : per === 'tenant' ? [tenant] : own.map(({ key }) => key ?? '');
      return keys.map((key) => ({ limit, key, spec }));
    });
  }

  /** Tasks of each of these keys that are out. */
  #outOf(limit: string, key: string): number {
    let out = 0;
    for (const { fact, open } of this.#assignments.values()) {
      const batch = this.#batches.get(fact.batch);
      if (batch === undefined) continue;
      for (const index of open)
        if (
          this.keysOf(batch.fact, groupAt(batch.fact, index)).some((each) => each.limit === limit && each.key === key)
        )
          out++;
    }
    return out;
  }

  #isHeld(limit: string, key: string, now: number): boolean {
    return Math.max(this.holds.get(named(limit, key)) ?? 0, this.holds.get(named(limit, '*')) ?? 0) > now;
  }

  /** The tasks are on the books already. */
  assigned({ fact }: WorldAssignment, now: number): void {
    const batch = this.#batches.get(fact.batch);
    if (batch === undefined) return;
    for (const index of indexesOf(fact.tasks)) {
      for (const { limit, key, spec } of this.keysOf(batch.fact, groupAt(batch.fact, index))) {
        const at = named(limit, key);
        const most = spec.concurrency ?? Infinity;
        const out = this.#outOf(limit, key);
        check(out <= most, `has ${out} of ${at} out, its limit is ${most}`);
        check(!this.#isHeld(limit, key, now), `starts a task of ${at}, which is held`);
        if (spec.rate !== null) this.#start(limit, key, spec.rate, now);
      }
      this.#checkSequence(batch, index);
    }
  }

  #start(limit: string, key: string, rate: NonNullable<LimitSpec['rate']>, now: number): void {
    const at = named(limit, key);
    const times = timesOf(rate);
    const tat = this.#tats.get(at) ?? 0;
    check(now >= nextStartAt(tat, times) - 0.001, `starts more of ${at} than its rate allows`);
    this.#tats.set(at, afterStarts(tat, now, 1, times));
    const believed = clamped(this.#believed.get(at) ?? 0, now, times);
    this.#believed.set(at, afterStarts(believed, now, 1, times));
    const written = this.records.get(`${limit} ${shardAt(key)}`)?.find((each) => each.key === key)?.tat ?? 0;
    check(written + 0.001 >= afterStarts(tat, now, 1, times), `starts of ${at} what is not reserved`);
  }

  #checkSequence(batch: WorldBatch, index: number): void {
    const { sequence } = groupAt(batch.fact, index);
    if (sequence === null) return;
    const task = `${batch.fact.id}.${index}`;
    for (const other of this.#ofSequence(batch, index)) {
      const name = `${other.batch.fact.id}.${other.index}`;
      check(other.state !== 'out', `starts ${task} beside ${name} of its sequence`);
      check(!other.isBefore || !other.isOpen, `starts ${task} before ${name} of its sequence, which is ${other.state}`);
    }
  }

  *#ofSequence(batch: WorldBatch, index: number) {
    const { fact } = batch;
    const key = groupAt(fact, index).sequence?.key;
    for (const other of this.#batches.values())
      for (const [at, state] of other.states.entries()) {
        const { sequence } = groupAt(other.fact, at);
        if (other.fact.queue !== fact.queue || sequence?.key !== key || (other === batch && at === index)) continue;
        const [one, own] = [other.fact.order ?? 0n, fact.order ?? 0n];
        // Its unique key may hold it back: then the others do not wait for it.
        const isHeld = state === 'waiting' && groupAt(other.fact, at).unique !== null;
        const isBlocking = state === 'failed' && sequence?.onFailure === 'block';
        const isUntold = sequence?.onFailure !== 'block' && this.untold.has(taskId(other.fact.id, at));
        yield {
          ...{ batch: other, index: at, state },
          isBefore: one < own || (one === own && at < index),
          isOpen: (!isEnd(state) || isBlocking) && !isHeld && !isUntold,
        };
      }
  }

  /** Whether a task that waits could go out, when everything is known. */
  mayGo(batch: WorldBatch, index: number, now: number): boolean {
    for (const { limit, key, spec } of this.keysOf(batch.fact, groupAt(batch.fact, index))) {
      if (this.#outOf(limit, key) >= (spec.concurrency ?? Infinity) || this.#isHeld(limit, key, now)) return false;
      if (spec.rate === null) continue;
      const times = timesOf(spec.rate);
      const tat = clamped(this.#believed.get(named(limit, key)) ?? 0, now, times);
      if (now < nextStartAt(tat, times) - 0.001) return false;
    }
    if (groupAt(batch.fact, index).sequence === null) return true;
    return [...this.#ofSequence(batch, index)].every(
      ({ state, isBefore, isOpen }) => state !== 'out' && (!isBefore || !isOpen),
    );
  }
}
