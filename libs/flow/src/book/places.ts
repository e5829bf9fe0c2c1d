import type { BatchId } from '@drover/core';

/** Positions `[from, to)`, runs or items, are tasks of `batch` from `index` on. */
export interface Place {
  readonly from: number;
  readonly to: number;
  readonly batch: BatchId;
  readonly index: number;
}

/** The places of tasks, as disjoint stretches in their order: a stretch costs some 60 bytes, whatever its length. */
export class Places {
  #places: Place[] = [];

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  /** The new place counts where there was another one. */
  set(from: number, to: number, batch: BatchId, index: number): void {
    const first = this.#firstEndingAfter(from);
    let last = first;
    let start = first;
    const put: Place[] = [];
    for (let place = this.#places[last]; place !== undefined && place.from < to; place = this.#places[++last]) {
      if (place.from < from) put.push({ ...place, to: from });
    }
    const before = put.length === 0 ? this.#places[first - 1] : undefined;
    // A place that goes on where the one before it ends is one with it.
    if (before?.to === from && before.batch === batch && before.index + from - before.from === index) {
      put.push({ ...before, to });
      start = first - 1;
    } else put.push({ from, to, batch, index });
    const cut = this.#places[last - 1];
    if (last > first && cut !== undefined && cut.to > to)
      put.push({ from: to, to: cut.to, batch: cut.batch, index: cut.index + to - cut.from });
    this.#places.splice(start, last - start, ...put);
  }

  /** It is nowhere any more. */
  clear(from: number, to: number): void {
    this.set(from, to, '', 0);
    this.#places = this.#places.filter(({ batch }) => batch !== '');
  }

  at(position: number): { batch: BatchId; index: number } | null {
    const place = this.#places[this.#firstEndingAfter(position)];
    if (place === undefined || place.from > position) return null;
    return { batch: place.batch, index: place.index + position - place.from };
  }

  /** The stretches of `[from, to)`, cut to it. */
  *within(from: number, to: number): Generator<Place> {
    for (let i = this.#firstEndingAfter(from); ; i++) {
      const place = this.#places[i];
      if (place === undefined || place.from >= to) return;
      const start = Math.max(from, place.from);
      yield { from: start, to: Math.min(to, place.to), batch: place.batch, index: place.index + start - place.from };
    }
  }

  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle]?.to ?? Infinity) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
