import type { Runtime, Timer } from '@drover/runtime';
import type { Caller } from '../access/caller.js';
import type { EventStream } from './event-stream.js';

const EVERY_MS = 1_000;

/** All open streams of a replica: they tell states in the same moment, so that each is computed once for all of them. */
export class StreamHub {
  readonly #streams = new Set<EventStream>();
  readonly #timer: Timer;
  readonly #overviews = new Map<string, Promise<unknown>>();
  readonly #overview: (caller: Caller) => Promise<unknown>;

  constructor(runtime: Runtime, overview: (caller: Caller) => Promise<unknown>) {
    this.#overview = overview;
    this.#timer = runtime.every(EVERY_MS, () => this.#tick());
  }

  add(stream: EventStream): void {
    this.#streams.add(stream);
  }

  remove(stream: EventStream): void {
    this.#streams.delete(stream);
  }

  /** One for all callers that see the same queues, until the next second. */
  overviewOf(caller: Caller): Promise<unknown> {
    const scope = caller.queues === null ? '*' : JSON.stringify(caller.queues);
    const known = this.#overviews.get(scope);
    if (known !== undefined) return known;
    const made = this.#overview(caller);
    this.#overviews.set(scope, made);
    return made;
  }

  close(): void {
    this.#timer.cancel();
  }

  #tick(): void {
    this.#overviews.clear();
    for (const stream of this.#streams) stream.tick();
  }
}
