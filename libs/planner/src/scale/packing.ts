import type { Amounts } from '@drover/core';

/** Room of a worker that is there, or of one that there might be. */
export interface Bin {
  /** Left of each resource. */
  readonly free: Record<string, number>;
}

/** Tasks that all demand the same. */
export interface Lot<Place extends Bin> {
  readonly demand: Amounts;
  /** Whole tasks that need a place at the same time. */
  count: number;
  /** Whether its tasks may run there, as far as labels and types are concerned. */
  readonly fits: (place: Place) => boolean;
}

/** How many tasks of the demand there is room for. A resource that is not named there is none. */
export function timesIn(free: Amounts, demand: Amounts): number {
  let times = Infinity;
  for (const [name, amount] of Object.entries(demand))
    if (amount > 0) times = Math.min(times, Math.floor((free[name] ?? 0) / amount));
  return times === Infinity ? 0 : Math.max(0, times);
}

/** The largest part of the capacity, 0 to 1 and more, that the amounts take of a resource. */
export function shareOf(amounts: Amounts, capacity: Amounts): number {
  let share = 0;
  for (const [name, amount] of Object.entries(amounts))
    if (amount > 0) share = Math.max(share, amount / (capacity[name] ?? 0));
  return share;
}

/** The smallest part of the capacity that is left of a resource. */
export function leftOf(free: Amounts, capacity: Amounts): number {
  let left = 1;
  for (const [name, amount] of Object.entries(capacity))
    if (amount > 0) left = Math.min(left, Math.max(0, free[name] ?? 0) / amount);
  return left;
}

/** Takes room for so many tasks. */
export function take(free: Record<string, number>, demand: Amounts, times: number): void {
  for (const [name, amount] of Object.entries(demand)) free[name] = (free[name] ?? 0) - amount * times;
}

const keyOf = (demand: Amounts): string => JSON.stringify(Object.entries(demand).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The largest first, so that the order in which lots are given does not matter. */
export function inOrder<Some extends { readonly demand: Amounts; readonly key: string }>(
  lots: readonly Some[],
  template: Amounts,
): Some[] {
  const sized = lots.map((lot) => ({ lot, share: shareOf(lot.demand, template), demand: keyOf(lot.demand) }));
  sized.sort((a, b) => b.share - a.share || compare(a.demand, b.demand) || compare(a.lot.key, b.lot.key));
  return sized.map(({ lot }) => lot);
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/**
 * First fit: puts each lot into the first places that have room for some of it, then into new ones like the template, `most` of them. Takes the
 * room from `places`; the answer is the new ones. Yields after every lot and every thousand places.
 */
export function* packSteps<Place extends Bin>(
  lots: readonly Lot<Place>[],
  places: readonly Place[],
  { template, most }: { template: Amounts; most: number },
): Generator<void, Bin[]> {
  const fresh: Bin[] = [];
  for (const lot of lots) {
    let left = lot.count;
    for (let at = 0; at < places.length && left > 0; at++) {
      const place = places[at];
      if (place === undefined || !lot.fits(place)) continue;
      left -= fill(place, lot.demand, left);
      if (at % 1_000 === 999) yield;
    }
    for (const bin of fresh) if (left > 0) left -= fill(bin, lot.demand, left);
    while (left > 0 && fresh.length < most) {
      const bin = { free: { ...template } };
      const filled = fill(bin, lot.demand, left);
      if (filled === 0) break;
      fresh.push(bin);
      left -= filled;
    }
    yield;
  }
  return fresh;
}

function fill({ free }: Bin, demand: Amounts, most: number): number {
  const times = Math.min(most, timesIn(free, demand));
  if (times > 0) take(free, demand, times);
  return times;
}
