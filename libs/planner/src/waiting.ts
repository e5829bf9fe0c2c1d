import { Heap, type HeapItem } from './collections.js';
import type { QueueState } from './queue-state.js';
import type { Strand } from './strands.js';
import type { SubQueue } from './sub-queue.js';
import type { Tenant } from './tenants.js';

/** A sub-queue waits at a gate, or at a key of a limit a strand of one. */
export type Waiter = SubQueue | Strand;

/** A sub-queue, or strands of it: the one whose next task is the oldest goes first. */
class OfSub implements HeapItem {
  readonly sub: SubQueue;
  readonly waiters = new Heap<Waiter>(isWaiterBefore);
  rank = 0;
  served = 0;
  turn = 0;
  heapAt = -1;

  constructor(sub: SubQueue) {
    this.sub = sub;
  }

  refresh(): boolean {
    const { served, turn } = this.sub;
    const rank = this.waiters.first?.rank ?? 0;
    const isOther = served !== this.served || turn !== this.turn || rank !== this.rank;
    [this.served, this.turn, this.rank] = [served, turn, rank];
    return isOther;
  }
}

/** Those of a tenant. */
class OfTenant implements HeapItem {
  readonly tenant: Tenant;
  readonly bySub = new Map<SubQueue, OfSub>();
  readonly subs = new Heap<OfSub>(isSubBefore);
  served = 0;
  turn = 0;
  heapAt = -1;

  constructor(tenant: Tenant) {
    this.tenant = tenant;
  }

  /** True: it was not as it was remembered. */
  refresh(): boolean {
    const { served, turn } = this.tenant;
    const isOther = served !== this.served || turn !== this.turn;
    [this.served, this.turn] = [served, turn];
    return isOther;
  }
}

/** Those of a queue. */
class OfQueue implements HeapItem {
  readonly queue: QueueState;
  readonly byTenant = new Map<Tenant, OfTenant>();
  readonly tenants = new Heap<OfTenant>(isTenantBefore);
  priority = 0;
  served = 0;
  turn = 0;
  heapAt = -1;

  constructor(queue: QueueState) {
    this.queue = queue;
  }

  refresh(): boolean {
    const { served, turn, settings } = this.queue;
    const isOther = served !== this.served || turn !== this.turn || settings.priority !== this.priority;
    [this.served, this.turn, this.priority] = [served, turn, settings.priority];
    return isOther;
  }
}

/**
 * Those who wait at a gate, in the order of their turns: a small tree as the contest itself is, so that what is served
 * moves itself alone and not all others of its queue. Virtual times are those of the last look: they only grow, so
 * whoever is on top is first, or sinks when its own are brought up to date.
 */
export class Waiting {
  #byQueue: Map<QueueState, OfQueue> | null = null;
  readonly #queues = new Heap<OfQueue>(isQueueBefore);
  size = 0;

  add(waiter: Waiter): void {
    const { queue, level } = waiter;
    const byQueue = (this.#byQueue ??= new Map<QueueState, OfQueue>());
    let ofQueue = byQueue.get(queue);
    if (ofQueue === undefined) {
      byQueue.set(queue, (ofQueue = new OfQueue(queue)));
      ofQueue.refresh();
      this.#queues.add(ofQueue);
    }
    let ofTenant = ofQueue.byTenant.get(level.tenant);
    if (ofTenant === undefined) {
      ofQueue.byTenant.set(level.tenant, (ofTenant = new OfTenant(level.tenant)));
      ofTenant.refresh();
      ofQueue.tenants.add(ofTenant);
    }
    let ofSub = ofTenant.bySub.get(waiter.sub);
    if (ofSub === undefined) {
      ofTenant.bySub.set(waiter.sub, (ofSub = new OfSub(waiter.sub)));
      ofTenant.subs.add(ofSub);
    }
    waiter.orderAside = waiter.order;
    ofSub.waiters.add(waiter);
    if (ofSub.refresh()) ofTenant.subs.moved(ofSub);
    this.size++;
  }

  remove(waiter: Waiter): void {
    const { queue, level } = waiter;
    const ofQueue = this.#byQueue?.get(queue);
    const ofTenant = ofQueue?.byTenant.get(level.tenant);
    const ofSub = ofTenant?.bySub.get(waiter.sub);
    if (ofQueue === undefined || ofTenant === undefined || ofSub === undefined) return;
    ofSub.waiters.remove(waiter);
    this.size--;
    if (ofSub.waiters.size > 0) return;
    ofTenant.subs.remove(ofSub);
    ofTenant.bySub.delete(waiter.sub);
    if (ofTenant.subs.size > 0) return;
    ofQueue.tenants.remove(ofTenant);
    ofQueue.byTenant.delete(level.tenant);
    if (ofQueue.tenants.size > 0) return;
    this.#queues.remove(ofQueue);
    this.#byQueue?.delete(queue);
    if (this.#byQueue?.size === 0) this.#byQueue = null;
  }

  /** The one whose turn it is. */
  get first(): Waiter | null {
    for (;;) {
      const ofQueue = this.#queues.first;
      if (ofQueue === null) return null;
      const ofTenant = ofQueue.tenants.first;
      const ofSub = ofTenant?.subs.first ?? null;
      const waiter = ofSub?.waiters.first ?? null;
      if (ofTenant === null || ofSub === null || waiter === null) return null;
      if (ofQueue.refresh()) this.#queues.moved(ofQueue);
      else if (ofTenant.refresh()) ofQueue.tenants.moved(ofTenant);
      else if (waiter.order !== waiter.orderAside) {
        waiter.orderAside = waiter.order;
        ofSub.waiters.moved(waiter);
      } else if (ofSub.refresh()) ofTenant.subs.moved(ofSub);
      else return waiter;
    }
  }

  *items(): Generator<Waiter> {
    for (const { byTenant } of this.#byQueue?.values() ?? [])
      for (const { bySub } of byTenant.values()) for (const { waiters } of bySub.values()) yield* waiters.items();
  }
}

function isQueueBefore(a: OfQueue, b: OfQueue): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.served !== b.served) return a.served < b.served;
  return a.turn < b.turn || (a.turn === b.turn && a.queue.number < b.queue.number);
}

function isTenantBefore(a: OfTenant, b: OfTenant): boolean {
  if (a.served !== b.served) return a.served < b.served;
  return a.turn < b.turn || (a.turn === b.turn && a.tenant.number < b.tenant.number);
}

function isSubBefore(a: OfSub, b: OfSub): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.served < b.served || (a.served === b.served && a.turn < b.turn);
}

function isWaiterBefore(a: Waiter, b: Waiter): boolean {
  return a.orderAside < b.orderAside;
}
