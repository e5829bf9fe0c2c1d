import { batchIds, parseTaskId } from '@drover/core';
import { inBackground, uncaught } from '@drover/runtime';
import { principalOf, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { Operation, type OperationView } from './operation.js';
import type { Frozen } from './previews.js';

/** Operations of which this replica tells. */
const MOST = 100;
const DEFAULT_RATE = 500;

export interface RunRequest {
  reason: string;
  limit?: number | undefined;
  rate?: number | 'unlimited' | undefined;
  from?: string | undefined;
}

/** The bulk actions that run at this replica, and the last ones that ran here. */
export class Operations {
  readonly #all = new Map<string, Operation>();
  /** By token and beginning: who asks twice for the same gets the same operation. */
  readonly #started = new Map<string, Operation>();
  readonly #listeners = new Set<(operation: Operation) => void>();

  /** Hears of each step. The function that is returned ends that. */
  onChange(listener: (operation: Operation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws `ApiError`. */
  start(frozen: Frozen, request: RunRequest, caller: Caller, context: ApiContext): Operation {
    const name = `${frozen.token} ${request.from ?? ''}`;
    const earlier = this.#started.get(name);
    if (earlier !== undefined) return earlier;
    const { reason, rate = DEFAULT_RATE, limit = Infinity } = request;
    const from = request.from === undefined ? 0 : frozen.ids.behind(checkCursor(request.from));
    const to = Math.min(frozen.ids.length, from + limit);
    const id = `${context.schedulerId}.${newId(context)}`;
    const settings = { owner: principalOf(caller), by: caller.name.slice(0, 128), reason, rate, from, to };
    const operation = new Operation(id, frozen, settings, context, (changed) => this.#tell(changed));
    this.#all.set(id, operation);
    this.#started.set(name, operation);
    this.#forgetOld();
    inBackground(operation.run(), uncaught);
    return operation;
  }

  /** Those that the caller may see, the newest first. */
  list(caller: Caller): OperationView[] {
    const shown = [...this.#all.values()].filter((operation) => operation.isShownTo(caller));
    return shown.map(({ view }) => view).reverse();
  }

  get(id: string): Operation | null {
    return this.#all.get(id) ?? null;
  }

  /** All of them: the replica stops. */
  stop(): void {
    for (const operation of this.#all.values()) operation.stop();
  }

  #tell(operation: Operation): void {
    for (const listener of this.#listeners) listener(operation);
  }

  #forgetOld(): void {
    for (const [id, operation] of this.#all) {
      if (this.#all.size <= MOST) break;
      if (!operation.isRunning) this.#all.delete(id);
    }
    for (const [name, operation] of this.#started) if (!this.#all.has(operation.id)) this.#started.delete(name);
  }
}

const newId = ({ runtime }: ApiContext): string =>
  batchIds(
    () => runtime.now(),
    () => runtime.random(),
  )();

function checkCursor(from: string): string {
  if (parseTaskId(from) !== null) return from;
  throw new ApiError(
    'invalid-argument',
    `from: expected the cursor of an operation, got ${JSON.stringify(from.slice(0, 80))}`,
    {
      field: 'from',
    },
  );
}
