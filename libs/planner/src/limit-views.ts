import { Limit, type LimitKey } from './limits.js';
import type { LimitKeyView, LimitView } from './model.js';
import type { State } from './state.js';

/** Looks at every key that has something out or waiting: for people, now and then. */
export function viewLimits({ limits, classes }: State, most: number): LimitView[] {
  const named = new Set([...limits.limits()].filter(({ spec }) => spec !== null).map(({ name }) => name));
  for (const workClass of classes.all()) for (const name of workClass.limits) named.add(name);
  return [...named].sort().map((name) => viewOf(limits.find(name) ?? new Limit(name), limits.now, most));
}

function viewOf(limit: Limit, now: number, most: number): LimitView {
  const keys = [...limit.keys.values()].map((key): LimitKeyView => viewKey(key, now));
  keys.sort((a, b) => b.out + b.waiting - (a.out + a.waiting) || (a.key < b.key ? -1 : 1));
  const waiting = keys.filter((key) => key.waiting > 0);
  return {
    name: limit.name,
    spec: limit.spec,
    out: keys.reduce((sum, { out }) => sum + out, 0),
    waitingKeys: waiting.length,
    waitingTasks: waiting.reduce((sum, key) => sum + key.waiting, 0),
    heldUntil: limit.heldUntil > now ? limit.heldUntil : null,
    keys: keys.slice(0, most),
    keysLeftOut: Math.max(0, keys.length - most),
  };
}

function viewKey(key: LimitKey, now: number): LimitKeyView {
  const { name, out, holdUntil } = key;
  const heldUntil = holdUntil > now ? holdUntil : null;
  return {
    key: name,
    out,
    waiting: waitingAt(key),
    nextAt: key.limit.spec === null ? null : key.nextAt(now),
    heldUntil,
  };
}

/** Tasks that were set aside for it, and those in line of sub-queues that wait here as a whole. */
function waitingAt({ waiter, sides }: LimitKey): number {
  let waiting = waiter?.count ?? 0;
  for (const side of sides?.values() ?? [])
    for (const aside of side.asides())
      for (const each of aside.waiting.items()) waiting += 'count' in each ? each.count : each.ready;
  return waiting;
}
