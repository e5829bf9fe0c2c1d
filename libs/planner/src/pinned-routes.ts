import { PinnedRoute, type PinnedFields } from './routes.js';
import type { WorkerState } from './worker-state.js';

/** The routes of classes that are pinned to a name, and the workers by their names. Part of the pool. */
export class PinnedRoutes {
  readonly #routes = new Map<string, Set<PinnedRoute>>();
  readonly #workers = new Map<string, Set<WorkerState>>();

  named(name: string): ReadonlySet<WorkerState> {
    return this.#workers.get(name) ?? NOBODY;
  }

  /** With the workers of the name, whatever they offer: that may change. */
  make(fields: PinnedFields): PinnedRoute {
    const { worker: name } = fields.pin;
    const route = new PinnedRoute(fields);
    addTo(this.#routes, name, route);
    for (const worker of this.named(name)) join(route, worker);
    return route;
  }

  forget(route: PinnedRoute): void {
    for (const worker of route.workers) {
      worker.setRoomAt(route, null);
      worker.pinnedRoutes?.delete(route);
      if (worker.pinnedRoutes?.size === 0) worker.pinnedRoutes = null;
    }
    takeFrom(this.#routes, route.fields.pin.worker, route);
  }

  came(worker: WorkerState): void {
    addTo(this.#workers, worker.name, worker);
    for (const route of this.#routes.get(worker.name) ?? []) join(route, worker);
  }

  /** It has no room on any route any more. */
  left(worker: WorkerState): void {
    takeFrom(this.#workers, worker.name, worker);
    for (const route of worker.pinnedRoutes ?? []) route.workers.delete(worker);
    worker.pinnedRoutes = null;
  }
}

const NOBODY: ReadonlySet<WorkerState> = new Set();

function join(route: PinnedRoute, worker: WorkerState): void {
  route.workers.add(worker);
  (worker.pinnedRoutes ??= new Set()).add(route);
}

function addTo<Item>(sets: Map<string, Set<Item>>, name: string, item: Item): void {
  const set = sets.get(name);
  if (set === undefined) sets.set(name, new Set([item]));
  else set.add(item);
}

function takeFrom<Item>(sets: Map<string, Set<Item>>, name: string, item: Item): void {
  const set = sets.get(name);
  if (set?.delete(item) === true && set.size === 0) sets.delete(name);
}
