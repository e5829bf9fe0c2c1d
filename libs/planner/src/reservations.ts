import { splitLimitRef } from '@drover/core';
import type { LimitKey, Shard } from './limits.js';
import type { Command, Reservation } from './model.js';
import type { Planning, State } from './state.js';
import type { BatchState } from './tasks.js';

/**
 * The part of limits that is durable: how far the rate of each key may have been used, and which keys reports hold. It is
 * written before what relies on it goes out, so no leader starts more than the rate allows, whoever dies.
 */

/** At least so long passes before a shard is looked at for keys that are idle. */
const SWEEP_MS = 10_000;

/** The reservations that this plan needs: `at` is where they stand among its commands, before all assignments of it. */
export function writeReservations({ state, now, commands }: Planning, at: number): void {
  const { toWrite } = state.limits;
  if (toWrite.size === 0) return;
  const reserves = [...toWrite].map((shard) => reserve(state, shard, now));
  toWrite.clear();
  commands.splice(at, 0, ...reserves);
}

function reserve(state: State, shard: Shard, now: number): Command {
  const keys: Reservation[] = [];
  for (const key of [...shard.keys]) {
    key.reserve(now);
    if (key.isIdle(now)) {
      shard.delete(key);
      state.limits.forgetIfIdle(key);
    } else keys.push({ key: key.name, tat: key.reserved, holdUntil: Math.max(0, key.holdUntil) });
  }
  awaitIdle(state, shard, now);
  return { kind: 'reserve', limit: shard.limit.name, shard: shard.at, keys };
}

/** Idle keys vanish from the record, if nothing else is written meanwhile. */
function awaitIdle(state: State, shard: Shard, now: number): void {
  if (shard.isAwaited || shard.keys.size === 0) return;
  shard.isAwaited = true;
  let last = now + SWEEP_MS;
  for (const { reserved, tat, holdUntil } of shard.keys) last = Math.max(last, reserved, tat, holdUntil);
  state.due.add(last, { kind: 'shard', shard });
}

export function shardDue(state: State, shard: Shard, now: number): void {
  shard.isAwaited = false;
  if (shard.limit.spec === null) return;
  for (const key of shard.keys)
    if (key.isIdle(now)) {
      state.limits.toWrite.add(shard);
      return;
    }
  awaitIdle(state, shard, now);
}

/** Found at a takeover: the rates begin where the leader before may have stopped. */
export function learnReserved(state: State, name: string, entries: readonly Reservation[]): void {
  const limit = state.limits.named(name);
  for (const { key: text, tat, holdUntil } of entries) {
    const key = limit.key(text);
    key.tat = Math.max(key.tat, tat);
    key.reserved = Math.max(key.reserved, tat);
    key.bringBack(state.limits.now);
    key.holdUntil = Math.max(key.holdUntil, holdUntil);
    limit.shardOf(text).add(key);
    awaitIdle(state, limit.shardOf(text), state.limits.now);
  }
}

/** Somebody holds the key (null: all of the limit) until then; 0: nobody does any more, reports included. */
export function holdByCommand(state: State, name: string, key: string | null, until: number): void {
  const limit = state.limits.named(name);
  if (key === null) limit.heldUntil = until === 0 ? 0 : Math.max(limit.heldUntil, until);
  const keys = key === null ? [...limit.keys.values()] : [limit.key(key)];
  for (const each of keys) {
    if (until === 0) release(state, each);
    else if (key !== null) each.holdUntil = Math.max(each.holdUntil, until);
    state.limits.changed.add(each);
  }
}

function release(state: State, key: LimitKey): void {
  if (key.holdUntil === 0) return;
  key.holdUntil = 0;
  const shard = key.limit.shardOf(key.name);
  if (shard.keys.has(key)) state.limits.toWrite.add(shard);
}

/** Handlers have asked for keys to be left alone. The task at `index` says which key it means where they name none. */
export function holdByReport(
  state: State,
  { batch, index, at }: { batch: BatchState; index: number; at: number },
  holds: readonly (readonly [limitRef: string, ms: number])[],
): void {
  const { sub } = batch.runAt(index);
  for (const [ref, ms] of holds) {
    const { name, key: text } = splitLimitRef(ref);
    const limit = state.limits.find(name);
    if (limit === undefined || limit.spec === null || !(ms > 0)) continue;
    const own = sub.guard?.keysOf(batch, index).filter((key) => key.limit === limit) ?? [];
    const keys = limit.spec.per === 'key' && text !== null ? [limit.key(text)] : own;
    for (const key of keys) {
      key.holdUntil = Math.max(key.holdUntil, at + ms);
      const shard = limit.shardOf(key.name);
      if (!shard.isFull(key.name)) shard.add(key);
      state.limits.toWrite.add(shard);
      state.limits.touch(key);
    }
  }
}
