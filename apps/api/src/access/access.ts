import type { ErrorCode, Route } from '@drover/api';
import type { IncomingMessage } from 'node:http';
import type { Handlers } from '../handlers/handler.js';
import type { Audit } from './audit.js';
import type { Caller } from './caller.js';

/** A request as it came in, before anything of it was checked. HTTP/2 requests have the same fields. */
export type Incoming = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'> & { readonly requestId: string };

export interface Admission {
  readonly caller: Caller;
  /** The address that the request came from: of the client, where a trusted proxy is between. */
  readonly from: string;
  /** Headers that the answer carries, such as a cookie that was renewed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a request ended. */
export interface Ended {
  readonly status: number;
  /** The error, if it was one. */
  readonly code: ErrorCode | null;
  /** Parameters of the path, query and body, once they passed the schemas of the route. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  /** `Answer.audit` of the handler. */
  readonly audit?: { readonly object?: string; readonly count?: number };
}

/** Decides who may do what at this replica. The server asks before each handler, and tells how each request ended. */
export interface Access {
  readonly audit: Audit;
  /** Of the routes about, signIn, signOut, login, callback, tokens and audit. */
  readonly handlers: Handlers;
  /** Headers of every answer. */
  readonly securityHeaders: Readonly<Record<string, string>>;
  /** Begins to follow tokens and keys. Resolves when they are known, or ZooKeeper could not be asked yet. */
  start(): Promise<void>;
  close(): Promise<void>;
  /**
   * Checks the host, where a browser sent it from, who asks, how often, and whether that caller may ask this route.
   * `route` null: a file, or nothing; only the host is checked. Throws `ApiError`: `misdirected`, `cross-site`,
   * `unauthenticated`, `too-many-requests`, `forbidden`, `disabled`. Refusals are counted and audited by it.
   */
  admit(incoming: Incoming, route: Route | null): Promise<Admission>;
  /** Writes the one audit event of a request that was admitted, if it is of a kind that is audited. */
  ended(incoming: Incoming, route: Route, admission: Admission, ended: Ended): void;
  /** A task as this caller sees it: without payload, result and logs if it may not see them, and without secrets in them. */
  shownTask<View extends object>(view: View, caller: Caller): View;
  /** Any JSON for those who look: without fields that are named as secrets, or by `--api-redact`. */
  shownValue(value: unknown): unknown;
  /** A result for the program that waits for it: as it is, but for fields that `--api-redact` names. */
  returnedValue(value: unknown): unknown;
  /** Headers that prove to another replica that this one asks: for this method, path and body, good for 30 s. */
  replicaHeaders(method: string, url: string, body?: string): Readonly<Record<string, string>>;
  /**
   * Checks such headers; the other replica is no caller, and may ask what only replicas ask. With `body`, as it came, also
   * that the proof is for this body: nothing in a body counts before that. Throws `ApiError` `unauthenticated`.
   */
  admitReplica(incoming: Incoming, body?: string): void;
  /** Calls `revoked` once the caller's token or session is good no longer. Returns a function that ends it. */
  untilRevoked(caller: Caller, revoked: () => void): () => void;
}
