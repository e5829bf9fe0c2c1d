import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { DroverError, InvalidArgumentError, LIMITS, type RetryPolicy } from '@drover/core';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import { followedInstants, INSTANT, type Instant } from '../builtin/built-in.js';
import { waitingBuiltIns, type BuiltInGroup } from '../builtin/built-in-types.js';
import type { HttpPolicyOptions } from '../builtin/http/address-policy.js';
import { computeHandlers } from '../builtin/compute.js';
import { InlineExecutor } from '../builtin/inline-executor.js';
import { ComputeExecutor } from '../threads/compute-executor.js';
import { IoExecutor } from '../threads/io-executor.js';
import type { HandlerDescription } from '../threads/messages.js';
import type { Executor } from './executor.js';

export interface CatalogOptions {
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  /** The worker's name, for `ctx.worker`. */
  worker: string;
  /** Handlers of traced tasks run within their trace context. */
  traces: boolean;
  /** URL of the handlers module; `null`: built-in types only. */
  module: string | null;
  /** Built-in types that act, and are offered only on request. */
  builtin: readonly BuiltInGroup[];
  http: HttpPolicyOptions;
  /** Programs are told the graphics processors of their task as CUDA wants it. Default: they are not. */
  cuda?: boolean;
  computeThreads: number;
  blockedAfterMs: number;
  /** Of types of which fewer are to run at a time than there are places, whatever their handlers say. */
  typeConcurrency: Readonly<Record<string, number>>;
  /** These and no others, instead of built-in types and a module; `null`: none given. */
  types: ReadonlyMap<string, TypeEntry> | null;
}

/** How tasks of one type are run. */
export type TypeEntry =
  | { instant: Instant }
  /** Times and retry policy of the handler, where the task brings none of its own. */
  | {
      instant: null;
      executor: Executor;
      timeoutMs: number | null;
      heartbeatMs: number | null;
      retry: RetryPolicy | null;
      /** Default, and `null`: as many at a time as the worker has places. */
      concurrency?: number | null;
      /** It waits for others rather than compute: how long its attempts take says how many may run. Default: it does not say. */
      adapts?: boolean;
    };

/** Thrown when the handlers module cannot be used: `cause` says why. */
export class HandlersModuleError extends DroverError {
  override readonly name = 'HandlersModuleError';
  override readonly category = 'usage';
  readonly module: string;
  constructor(module: string, cause: unknown) {
    super(
      `handlers module ${module.startsWith('file:') ? fileURLToPath(module) : module}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
      {
        cause,
      },
    );
    this.module = module;
  }
}

/** The types that this worker offers, and the threads that run them. */
export class Catalog {
  readonly #options: CatalogOptions;
  readonly #types = new Map<string, TypeEntry>();
  /** Types that end at once, as others run. */
  readonly #followed = new Map<string, TypeEntry>();
  #sorted: string[] = [];
  readonly #executors: Executor[] = [];
  /** An executor that had none has room again. */
  onRoom: () => void = () => undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /**
   * Loads the handlers module. Throws `HandlersModuleError`, and `InvalidArgumentError` for more types than the record of
   * a worker can name, and for a limit of a type that it does not offer, or that takes no place.
   */
  async open(): Promise<void> {
    await this.#offerAll();
    this.#limitTypes();
    const types = this.types();
    const bytes = types.reduce((sum, type) => sum + type.length + 3, 0);
    if (bytes <= LIMITS.workerTypesBytes) return;
    const expected = `types whose names have at most ${LIMITS.workerTypesBytes} bytes together; start several workers`;
    throw new InvalidArgumentError('handlers', `${types.length} types with ${bytes} bytes of names`, expected);
  }

  #limitTypes(): void {
    for (const [type, concurrency] of Object.entries(this.#options.typeConcurrency)) {
      const entry = this.#types.get(type);
      if (entry?.instant !== null)
        throw new InvalidArgumentError(
          'typeConcurrency',
          type,
          entry === undefined ? 'types that this worker offers' : `other types: tasks of '${type}' end at once`,
        );
      this.#types.set(type, { ...entry, concurrency });
    }
  }

  async #offerAll(): Promise<void> {
    const { types, module } = this.#options;
    if (types !== null) {
      this.#offerGiven(types);
      return;
    }
    const { runtime, log, metrics, worker, traces, computeThreads, blockedAfterMs } = this.#options;
    const threads = { runtime, log, metrics, module, worker, traces, tellsQueue: { value: false } };
    const compute = this.#add(new ComputeExecutor(threads, computeThreads, () => this.onRoom()));
    this.#offerBuiltIns(compute);
    if (module === null) return;
    const io = this.#add(new IoExecutor(threads, blockedAfterMs));
    const handlers = await io.load().catch((error: unknown) => {
      throw new HandlersModuleError(module, error);
    });
    // A handler may take the name of a built-in type: then it is the one that runs.
    for (const handler of handlers) {
      this.#followed.delete(handler.type);
      this.#offer(handler, handler.kind === 'io' ? io : compute, handler.kind === 'io');
    }
  }

  /** Sorted. */
  types(): string[] {
    if (this.#sorted.length < this.#types.size) this.#sorted = [...this.#types.keys()].sort();
    return this.#sorted;
  }

  get(type: string): TypeEntry | undefined {
    return this.#types.get(type);
  }

  /** As `get`, for a task that somebody follows: every attempt is one that begins and ends. */
  getToFollow(type: string): TypeEntry | undefined {
    return this.#followed.get(type) ?? this.#types.get(type);
  }

  /** Types of which fewer run at a time than there are places: so many. Sorted by type. */
  limits(capacity: number): Map<string, number> {
    const limits = new Map<string, number>();
    for (const type of this.types()) {
      const entry = this.#types.get(type);
      const limit = entry?.instant === null ? (entry.concurrency ?? capacity) : capacity;
      if (limit < capacity) limits.set(type, limit);
    }
    return limits;
  }

  async close(): Promise<void> {
    await Promise.all(this.#executors.map((executor) => executor.close()));
  }

  #offerBuiltIns(compute: Executor): void {
    const { runtime, builtin, http, metrics, cuda } = this.#options;
    const waiting = waitingBuiltIns(builtin, { http, metrics });
    const inline = this.#add(new InlineExecutor([...waiting, ...followedInstants], runtime, cuda));
    for (const [type, instant] of INSTANT) this.#types.set(type, { instant });
    for (const { type } of followedInstants)
      this.#followed.set(type, { instant: null, executor: inline, ...NOTHING_OF_ITS_OWN });
    for (const { type } of waiting)
      this.#types.set(type, { instant: null, executor: inline, ...NOTHING_OF_ITS_OWN, adapts: type === 'http' });
    for (const { description } of computeHandlers.values()) this.#offer(description, compute);
  }

  #offerGiven(types: ReadonlyMap<string, TypeEntry>): void {
    for (const [type, entry] of types) {
      this.#types.set(type, entry);
      if (entry.instant === null && !this.#executors.includes(entry.executor)) this.#executors.push(entry.executor);
    }
  }

  #add<L extends Executor>(executor: L): L {
    this.#executors.push(executor);
    return executor;
  }

  #offer({ type, ...itsOwn }: HandlerDescription, executor: Executor, adapts = false): void {
    const { timeoutMs, heartbeatMs, retry, concurrency } = itsOwn;
    this.#types.set(type, { instant: null, executor, timeoutMs, heartbeatMs, retry, concurrency, adapts });
  }
}

const NOTHING_OF_ITS_OWN = { timeoutMs: null, heartbeatMs: null, retry: null };

/** As many as can compute at the same time, and no more than tasks run at the same time. */
export function defaultComputeThreads(capacity: number): number {
  return Math.max(1, Math.min(capacity, availableParallelism()));
}
