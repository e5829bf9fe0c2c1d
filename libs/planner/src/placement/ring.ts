import { hash } from '@drover/core';
import type { PlacedWorker } from './placed-worker.js';

const PROBES = 21;

interface Point {
  readonly hash: number;
  readonly member: PlacedWorker;
}

/**
 * Workers in a circle of hashes of their names. A key goes to the worker that is nearest behind one of its probes (multi-probe
 * consistent hashing: Appleton and O'Reilly, 2015), so that with a worker its own keys move and no others, and every
 * leader finds the same.
 */
export class Ring {
  readonly #members: readonly Point[];

  constructor(members: Iterable<PlacedWorker>) {
    this.#members = Array.from(members, (member) => ({ hash: hash(member.worker.name), member })).sort(
      (a, b) => a.hash - b.hash,
    );
  }

  /** The workers of the key in their order; the first is its own. `PROBES` at most, each once. */
  of(key: string): PlacedWorker[] {
    const all = this.#members;
    if (all.length === 0) return [];
    const found: { distance: number; member: PlacedWorker }[] = [];
    for (let probe = 0; probe < PROBES; probe++) {
      const from = hash(`${probe} ${key}`);
      const { hash: at, member } = all[this.#behind(from)] as Point;
      found.push({ distance: (at - from + CIRCLE) % CIRCLE, member });
    }
    found.sort((a, b) => a.distance - b.distance);
    return [...new Set(found.map(({ member }) => member))];
  }

  #behind(from: number): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#members[middle]?.hash ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return low % this.#members.length;
  }
}

const CIRCLE = 2 ** 32;
