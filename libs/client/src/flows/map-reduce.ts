import { checkOptions, InvalidArgumentError } from '@drover/core';
import { flow, type Flow, type MapGiven, type ReduceGiven, type Ref } from '@drover/flow';
import type { Run } from './run-handle.js';
import type { StartOptions } from './start-options.js';

type Items = Iterable<unknown> | AsyncIterable<unknown>;
/** Starts the run of a flow with these items for its map. */
export type StartMap = (flow: Flow, items: Items, options: StartOptions, shards?: number) => Promise<Run>;

const MAP = 'map';
const REDUCE = 'reduce';

/** A map over items, with a reduce over its results if it has one, that was not started yet. */
export class MapReduce<Result = null> {
  readonly #start: StartMap;
  readonly #map: { type: string; items: Items; options: MapGiven };
  readonly #reduce: { type: string; options: ReduceGiven } | null;

  constructor(
    start: StartMap,
    map: { type: string; items: Items; options: MapGiven },
    reduce: { type: string; options: ReduceGiven } | null = null,
  ) {
    this.#start = start;
    this.#map = map;
    this.#reduce = reduce;
  }

  /**
   * A tree of tasks of `type` over the results, `arity` of them a task (default 500). Order is kept, so the function must be
   * associative. The result of the last one is the result of the run.
   */
  reduce<Reduced = unknown>(type: string, options: ReduceGiven = {}): MapReduce<Reduced> {
    return new MapReduce<Reduced>(this.#start, this.#map, { type, options });
  }

  /** Writes the items, then starts the run. Rejects as `start`, and with `TooManyItemsError`. */
  async run(options: StartOptions = {}): Promise<Run<Result>> {
    const { type, items } = this.#map;
    if (!isIterable(items)) throw new InvalidArgumentError('items', items, 'a list, or an iterable, of items');
    return this.#start(this.#flow(type), items, options) as Promise<Run<Result>>;
  }

  #flow(type: string): Flow {
    const { options } = this.#map;
    const reduce = this.#reduce;
    const name = [type, ...(reduce === null ? [] : [reduce.type])].join('-').replace(/[^A-Za-z0-9._-]/g, '-');
    return flow(`map-${name}`.slice(0, 128), (f) => {
      const mapped = f.map(MAP, type, f.input, options);
      return reduce === null ? null : f.reduce(REDUCE, reduce.type, mapped, reduce.options).result;
    });
  }
}

export interface ShardedOptions extends StartOptions {
  shards: number;
}

const MOST_SHARDS = 100_000;

/** A map over the numbers of shards, each with the same payload. */
export async function sharded(
  start: StartMap,
  type: string,
  payload: unknown,
  { shards, ...options }: ShardedOptions,
): Promise<Run<null>> {
  checkOptions(options, ['queue', 'tenant', 'priority', 'limits', 'deadline', 'unique']);
  if (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS)
    throw new InvalidArgumentError('shards', shards, `a whole number from 1 to ${MOST_SHARDS}`);
  const name = `sharded-${type}`.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 128);
  const of = flow(name, (f) => {
    f.map(MAP, type, f.input as Ref<unknown>);
  });
  return (await start(of, repeated(payload, shards), options, shards)) as Run<null>;
}

function* repeated(payload: unknown, times: number): Generator {
  for (let n = 0; n < times; n++) yield payload;
}

function isIterable(value: unknown): value is Items {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

export { MAP };
