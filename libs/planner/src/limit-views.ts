import { Limit, type LimitKey } from './limits.js';
import type { LimitKeyView, LimitView } from './model.js';
import { Looks } from './slices.js';
import type { State } from './state.js';

/** Looks at every key that has something out or waiting; yields after every few of them. */
export function* limitSteps(state: State, most: number): Generator<void, LimitView[]> {
  const looks = new Looks();
  const views: LimitView[] = [];
  for (const name of namesOf(state))
    views.push(yield* viewSteps(state.limits.find(name) ?? new Limit(name), { most, now: state.limits.now, looks }));
  return views;
}

/** Those that tasks name, and nobody has declared. Looks at no key. */
export const undeclaredLimits = (state: State): string[] =>
  namesOf(state).filter((name) => (state.limits.find(name)?.spec ?? null) === null);

function namesOf({ limits, classes }: State): string[] {
  const named = new Set([...limits.limits()].filter(({ spec }) => spec !== null).map(({ name }) => name));
  for (const workClass of classes.all()) for (const name of workClass.limits) named.add(name);
  return [...named].sort();
}

function* viewSteps(
  limit: Limit,
  { most, now, looks }: { most: number; now: number; looks: Looks },
): Generator<void, LimitView> {
  const busiest = new Busiest(most);
  let out = 0;
  let waitingKeys = 0;
  let waitingTasks = 0;
  let keys = 0;
  for (const key of limit.keys.values()) {
    const waiting = waitingAt(key);
    keys++;
    out += key.out;
    waitingTasks += waiting;
    if (waiting > 0) waitingKeys++;
    busiest.add({ key, waiting });
    if (looks.more()) yield;
  }
  const shown = busiest.settle().map((seen) => viewKey(seen, now));
  return {
    ...{ name: limit.name, spec: limit.spec, out, waitingKeys, waitingTasks },
    heldUntil: limit.heldUntil > now ? limit.heldUntil : null,
    keys: shown,
    keysLeftOut: keys - shown.length,
  };
}

/** A key with the tasks that wait for it. */
interface SeenKey {
  readonly key: LimitKey;
  readonly waiting: number;
}

/** The busiest of those that are added: sorted now and then, so that each costs little in whatever order. */
class Busiest {
  readonly #most: number;
  #keys: SeenKey[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(seen: SeenKey): void {
    if (this.#most === 0) return;
    this.#keys.push(seen);
    if (this.#keys.length >= 4 * this.#most) this.#cut();
  }

  settle(): readonly SeenKey[] {
    this.#cut();
    return this.#keys;
  }

  #cut(): void {
    this.#keys.sort((a, b) => loadOf(b) - loadOf(a) || (a.key.name < b.key.name ? -1 : 1));
    if (this.#keys.length > this.#most) this.#keys.length = this.#most;
  }
}

const loadOf = ({ key, waiting }: SeenKey): number => key.out + waiting;

function viewKey({ key, waiting }: SeenKey, now: number): LimitKeyView {
  const { name, out, holdUntil } = key;
  const heldUntil = holdUntil > now ? holdUntil : null;
  return {
    key: name,
    out,
    waiting,
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
