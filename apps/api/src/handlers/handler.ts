import type { Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';

/** A request whose params, query and body have passed the schemas of its route. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly caller: Caller;
  readonly requestId: string;
  /** The address that the request came from. */
  readonly from: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Aborted when the client hangs up, or the server stops. */
  readonly signal: AbortSignal;
}

/** `lines`: a stream, as NDJSON or as server-sent events, whichever the client accepts. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly lines?: AsyncIterable<unknown>;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the audit event that the server writes of each request: the object if no parameter names it, and how many. */
  readonly audit?: { readonly object?: string; readonly count?: number };
}

/** Answers one route of the table. Throws `ApiError`; errors of the client library are turned into them by the server. */
export type Handler = (asked: Asked, context: ApiContext) => Promise<Answer>;

/** By the names of routes. */
export type Handlers = Readonly<Record<string, Handler>>;
