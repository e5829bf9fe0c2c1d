import type { Runtime, Timer } from '@drover/runtime';
import { scopeOf, type Caller } from '../access/caller.js';
import type { EventStream } from './event-stream.js';

const EVERY_MS = 1_000;

/** Documents that all callers who see the same queues are told alike. */
export interface SharedReads {
  overview(caller: Caller): Promise<unknown>;
  /** The schedules that the caller sees, as text. */
  schedules(caller: Caller): Promise<string>;
}

/** All open streams of a replica: they tell states in the same moment, so that each is computed once for all of them. */
export class StreamHub {
  readonly #streams = new Set<EventStream>();
  readonly #timer: Timer;
  readonly #reads: SharedReads;
  /** By what is read, and whose queues: until the next second. */
  readonly #overviews = new Map<string, Promise<unknown>>();
  readonly #schedules = new Map<string, Promise<string>>();

  constructor(runtime: Runtime, reads: SharedReads) {
    this.#reads = reads;
    this.#timer = runtime.every(EVERY_MS, () => this.#tick());
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  add(stream: EventStream): void {
    this.#streams.add(stream);
  }

  remove(stream: EventStream): void {
    this.#streams.delete(stream);
  }

  overviewOf(caller: Caller): Promise<unknown> {
    return once(this.#overviews, caller, () => this.#reads.overview(caller));
  }

  schedulesOf(caller: Caller): Promise<string> {
    return once(this.#schedules, caller, () => this.#reads.schedules(caller));
  }

  close(): void {
    this.#timer.cancel();
  }

  #tick(): void {
    this.#overviews.clear();
    this.#schedules.clear();
    for (const stream of this.#streams) stream.tick();
  }
}

function once<T>(known: Map<string, Promise<T>>, caller: Caller, read: () => Promise<T>): Promise<T> {
  const scope = scopeOf(caller);
  const found = known.get(scope) ?? read();
  known.set(scope, found);
  return found;
}
