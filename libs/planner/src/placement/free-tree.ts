import type { Demand } from './dimensions.js';

/** How many nodes may be looked at until the event loop has its turn. */
export interface Steps {
  left: number;
}

/** Of a place that nobody has, or whose worker may be given nothing: no demand fits. */
const NONE = -1;

/**
 * A tree of vectors over places 0, 1, 2 …: each node is the maximum of those below it, number by number. So the first
 * place that has room for a demand is found in O(log n) steps for each number of it, unless room for one number is at
 * places without room for another: then the search goes back, and pays for each node that it looks at.
 */
export class FreeTree {
  #stride: number;
  #leaves: number;
  #nodes: Float64Array;

  constructor(stride: number, leaves = 1) {
    this.#stride = stride;
    this.#leaves = leaves;
    this.#nodes = new Float64Array(2 * leaves * stride).fill(NONE);
  }

  /** Numbers of a vector. */
  get stride(): number {
    return this.#stride;
  }

  /** The place has the vector from now on, which is at least `stride` long. */
  set(place: number, vector: Float64Array): void {
    if (place >= this.#leaves) this.#grow(place);
    const stride = this.#stride;
    const nodes = this.#nodes;
    const leaf = (this.#leaves + place) * stride;
    for (let at = 0; at < stride; at++) nodes[leaf + at] = vector[at] as number;
    this.#climb(this.#leaves + place);
  }

  /** Nobody has the place. */
  clear(place: number): void {
    if (place >= this.#leaves) return;
    const leaf = (this.#leaves + place) * this.#stride;
    this.#nodes.fill(NONE, leaf, leaf + this.#stride);
    this.#climb(this.#leaves + place);
  }

  /** A number of the vector of a place; below 0: nothing fits there. */
  at(place: number, dim: number): number {
    if (place >= this.#leaves || dim >= this.#stride) return NONE;
    return this.#nodes[(this.#leaves + place) * this.#stride + dim] as number;
  }

  /** The numbers of a place; it has been set or cleared before. */
  vector(place: number): Float64Array {
    const leaf = (this.#leaves + place) * this.#stride;
    return this.#nodes.subarray(leaf, leaf + this.#stride);
  }

  /** Some place may have room: each number of the demand fits somewhere. */
  mayFit(demand: Demand): boolean {
    return this.#fits(1, demand);
  }

  /** The same, one number of it left aside. */
  mayFitBeside(demand: Demand, aside: number): boolean {
    const { dims, needs } = demand;
    for (let at = 0; at < dims.length; at++)
      if (dims[at] !== aside && !this.#has(1, dims[at] as number, needs[at] as number)) return false;
    return true;
  }

  /** Of a place. */
  fitsBeside(place: number, { dims, needs }: Demand, aside: number): boolean {
    if (place >= this.#leaves) return false;
    for (let at = 0; at < dims.length; at++)
      if (dims[at] !== aside && !this.#has(this.#leaves + place, dims[at] as number, needs[at] as number)) return false;
    return true;
  }

  fits(place: number, demand: Demand): boolean {
    return place < this.#leaves && this.#fits(this.#leaves + place, demand);
  }

  /** How many times the demand fits at the place. */
  times(place: number, { dims, needs }: Demand): number {
    let times = Infinity;
    for (let at = 0; at < dims.length; at++)
      times = Math.min(times, Math.floor(this.at(place, dims[at] as number) / (needs[at] as number)));
    return Math.max(0, times);
  }

  /** The first place from `from` on that has room for the demand; -1: none has. */
  first(demand: Demand, from: number, steps: Steps): number {
    if (from >= this.#leaves) return NONE;
    let node = from === 0 ? 1 : this.#leaves + from;
    for (;;) {
      steps.left--;
      if (this.#fits(node, demand)) {
        if (node >= this.#leaves) return node - this.#leaves;
        node *= 2;
        continue;
      }
      while ((node & 1) === 1) node >>= 1;
      if (node === 0) return NONE;
      node++;
    }
  }

  /** With longer vectors, whose new numbers are 0 where there is a worker. */
  widen(stride: number): void {
    const before = this.#nodes;
    const old = this.#stride;
    this.#stride = stride;
    this.#nodes = new Float64Array(2 * this.#leaves * stride).fill(NONE);
    for (let node = 0; node < 2 * this.#leaves; node++) {
      this.#nodes.set(before.subarray(node * old, (node + 1) * old), node * stride);
      if ((before[node * old] as number) >= 0) this.#nodes.fill(0, node * stride + old, (node + 1) * stride);
    }
  }

  #fits(node: number, { dims, needs }: Demand): boolean {
    for (let at = 0; at < dims.length; at++)
      if (!this.#has(node, dims[at] as number, needs[at] as number)) return false;
    return true;
  }

  #has(node: number, dim: number, amount: number): boolean {
    return dim < this.#stride && (this.#nodes[node * this.#stride + dim] as number) >= amount;
  }

  /** Stops where the maximum stays what it was. */
  #climb(leaf: number): void {
    const stride = this.#stride;
    const nodes = this.#nodes;
    for (let node = leaf >> 1; node >= 1; node >>= 1) {
      let isSame = true;
      const own = node * stride;
      const left = 2 * own;
      const right = left + stride;
      for (let at = 0; at < stride; at++) {
        const a = nodes[left + at] as number;
        const b = nodes[right + at] as number;
        const most = a > b ? a : b;
        if (nodes[own + at] === most) continue;
        nodes[own + at] = most;
        isSame = false;
      }
      if (isSame) return;
    }
  }

  #grow(place: number): void {
    const stride = this.#stride;
    const before = this.#nodes.subarray(this.#leaves * stride);
    while (this.#leaves <= place) this.#leaves *= 2;
    this.#nodes = new Float64Array(2 * this.#leaves * stride).fill(NONE);
    this.#nodes.set(before, this.#leaves * stride);
    for (let node = this.#leaves - 1; node >= 1; node--)
      for (let at = 0; at < stride; at++)
        this.#nodes[node * stride + at] = Math.max(
          this.#nodes[2 * node * stride + at] as number,
          this.#nodes[(2 * node + 1) * stride + at] as number,
        );
  }
}
