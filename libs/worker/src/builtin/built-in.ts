import type { HandlerTrace, TaskFire, TaskId } from '@drover/core';
import type { Runtime } from '@drover/runtime';
import type * as z from 'zod';

/** The context of a built-in handler in the main thread. */
export interface BuiltInContext {
  readonly task: TaskId;
  readonly attempt: number;
  readonly fencingToken: bigint;
  readonly fire?: TaskFire | undefined;
  readonly trace?: HandlerTrace | undefined;
  /** Variables of the environment that tell a program its devices; absent: none. */
  readonly deviceVariables?: Readonly<Record<string, string>>;
  /** A line for the log of the run; and so many lines of which none would be kept. */
  readonly print: (text: string) => void;
  readonly printSkipped: (lines: number) => void;
  readonly signal: AbortSignal;
  readonly runtime: Runtime;
  /** Called with every sign of life that the work gives: see the option `heartbeat`. */
  readonly alive: () => void;
}

/** A built-in type that waits: it runs in the main thread, always obeys its signal, and never computes for long. */
export interface BuiltIn {
  readonly type: string;
  /** Rejects with `RejectTaskError` when the payload is not what the type takes. */
  run(payload: unknown, context: BuiltInContext): Promise<unknown>;
  /** Ends at once what may still run. */
  close?(): void;
}

/** A built-in type that has ended as soon as it has begun: from the payload's JSON text to the result's. */
export type Instant = (payload: string) => string;

export const INSTANT: ReadonlyMap<string, Instant> = new Map<string, Instant>([
  ['noop', () => 'null'],
  ['echo', (payload) => payload],
]);

/** The same types for tasks that somebody follows. */
export const followedInstants: readonly BuiltIn[] = [...INSTANT].map(([type, instant]) => ({
  type,
  run: async (payload) => JSON.parse(instant(JSON.stringify(payload))) as unknown,
}));

/**
 * The section of a type in `docs/built-in-types.md`. The fields of its payload are drawn from the schema that checks
 * them.
 */
export interface BuiltInDocument {
  readonly type: string;
  readonly summary: string;
  /** An object, or a choice of objects; `null`: anything. */
  readonly payload: z.ZodType | null;
  readonly result: string;
  readonly limits: readonly string[];
  /** Which failures are tried again, and which are not. */
  readonly retries: string;
}

export const INSTANT_DOCUMENTS: readonly BuiltInDocument[] = [
  {
    type: 'echo',
    summary: 'Gives its payload back.',
    payload: null,
    result: 'The payload.',
    limits: [],
    retries: 'Fails only if the payload is too large for a result.',
  },
  {
    type: 'noop',
    summary: 'Does nothing, for measurements and tests.',
    payload: null,
    result: '`null`.',
    limits: [],
    retries: 'Never fails.',
  },
];
