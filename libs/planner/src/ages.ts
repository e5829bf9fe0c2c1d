import { Heap, type HeapItem } from './collections.js';
import type { Aside } from './gates.js';
import type { SubQueue } from './sub-queue.js';

/** A sub-queue by the age of its next task. */
interface Age extends HeapItem {
  readonly sub: SubQueue;
  /** Since when its next task is due, as it was looked at last. */
  since: number;
}

/**
 * The sub-queues of a level by the age of their next tasks: those that take turns, and those that wait at each gate.
 * The next task of a sub-queue becomes younger unnoticed, when one is cancelled or goes out: that is looked at when its
 * turn comes. One that comes back may be older: that must be told.
 */
export class Ages {
  readonly #heaps = new Map<'queue' | Aside, Heap<Age>>();
  readonly #ages = new Map<SubQueue, Age>();
  /** Some next task has turned out to be younger than it was. */
  hasGrown = false;

  constructor(subs: Iterable<SubQueue>) {
    for (const sub of subs) this.move(sub, null, sub.at);
  }

  move(sub: SubQueue, from: SubQueue['at'], to: SubQueue['at']): void {
    const known = this.#ages.get(sub);
    if (known !== undefined && from !== null) this.#leave(known, from);
    if (to === null) {
      this.#ages.delete(sub);
      return;
    }
    const age = known ?? { sub, since: 0, heapAt: -1 };
    this.#ages.set(sub, age);
    age.since = sub.since;
    let heap = this.#heaps.get(to);
    if (heap === undefined) {
      heap = new Heap<Age>((a, b) => a.since < b.since);
      this.#heaps.set(to, heap);
    }
    heap.add(age);
  }

  /** Its next task may be an older one. */
  changed(sub: SubQueue): void {
    const age = this.#ages.get(sub);
    if (age === undefined || sub.at === null) return;
    age.since = sub.since;
    this.#heaps.get(sub.at)?.moved(age);
  }

  /** The one whose next task is the oldest, of those that take turns or of those that wait there. */
  oldest(at: 'queue' | Aside): { sub: SubQueue; since: number } | null {
    const heap = this.#heaps.get(at);
    for (let age = heap?.first ?? null; age !== null; age = heap?.first ?? null) {
      const { since } = age.sub;
      if (since === age.since) return age;
      age.since = since;
      this.hasGrown = true;
      heap?.moved(age);
    }
    return null;
  }

  #leave(age: Age, from: 'queue' | Aside): void {
    const heap = this.#heaps.get(from);
    heap?.remove(age);
    if (heap?.size === 0) this.#heaps.delete(from);
  }
}
