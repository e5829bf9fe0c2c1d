import { PLACE_OF_WORKER, type Account } from './accounts.js';
import type { WorkerState } from './worker-state.js';

/** The tasks of an account that are out at a worker and have no placement. */
interface Part {
  out: number;
  /** Microseconds that they take, as far as somebody has told. */
  load: number;
  /** Thousandths of the worker's places that are counted for them. */
  slots: number;
}

/**
 * Places of workers that tasks without a placement take up. Far more of them are out than run, so the places of a worker
 * are divided among the accounts by the work that it has of each.
 */
export class PlainPlaces {
  readonly #byWorker = new Map<WorkerState, Map<Account, Part>>();

  /** So many more tasks of the account are out at the worker, each of so much work. */
  moved(worker: WorkerState, account: Account, tasks: number, loadUs: number): void {
    if (tasks === 0) return;
    let parts = this.#byWorker.get(worker);
    if (parts === undefined) this.#byWorker.set(worker, (parts = new Map<Account, Part>()));
    let part = parts.get(account);
    if (part === undefined) parts.set(account, (part = { out: 0, load: 0, slots: 0 }));
    part.out += tasks;
    part.load += tasks * loadUs;
    this.look(worker);
  }

  /** The worker has more places, or fewer, or something else of it has changed. */
  look(worker: WorkerState): void {
    const parts = this.#byWorker.get(worker);
    if (parts === undefined) return;
    const slots = divided(worker.places * PLACE_OF_WORKER, [...parts.values()]);
    for (const [account, part] of parts) {
      const more = (slots.get(part) ?? 0) - part.slots;
      part.slots += more;
      account.plainSlots += more;
      if (more !== 0) account.refresh();
      if (part.out === 0) parts.delete(account);
    }
    if (parts.size === 0) this.#byWorker.delete(worker);
  }

  clear(): void {
    this.#byWorker.clear();
  }
}

/** By the work of each; nobody gets more places than it has tasks. */
function divided(places: number, parts: readonly Part[]): Map<Part, number> {
  const slots = new Map<Part, number>();
  let rest = [...parts];
  for (let left = places; rest.length > 0;) {
    const load = rest.reduce((sum, part) => sum + part.load, 0);
    const fairOf = (part: Part): number => (load === 0 ? 0 : (left * part.load) / load);
    const few = rest.filter((part) => part.out * PLACE_OF_WORKER <= fairOf(part));
    for (const part of few.length > 0 ? few : rest)
      slots.set(part, few.length > 0 ? part.out * PLACE_OF_WORKER : Math.round(fairOf(part)));
    if (few.length === 0) break;
    left -= few.reduce((sum, { out }) => sum + out * PLACE_OF_WORKER, 0);
    rest = rest.filter((part) => !few.includes(part));
  }
  return slots;
}
