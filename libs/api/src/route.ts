import { DISABLEABLE, type Disableable } from '@drover/core';
import type * as z from 'zod';
import type { ErrorCode } from './errors.js';
import type { Permission } from './permissions.js';

export { DISABLEABLE };
export type { Disableable };

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The body of an answer: JSON of a schema, a stream of such lines, or text of a media type. */
export type Body = { json: z.ZodType; lines?: z.ZodType } | { lines: z.ZodType } | { media: string } | null;

/** One entry of the table of routes: the server, the OpenAPI document, the typed client and the tests follow it. */
export interface Route {
  /** `operationId` of the document, and the label `route` of metrics. */
  readonly name: string;
  readonly method: Method;
  /** With parameters as `:id`. */
  readonly path: string;
  readonly summary: string;
  /** Null: anybody may ask. */
  readonly permission: Permission | null;
  /**
   * `any`: the replica that was asked, from ZooKeeper or what it knows; `leader`: a replica that follows asks the leader;
   * `here`: only the replica that has it.
   */
  readonly answeredBy: 'any' | 'leader' | 'here';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** `ndjson`: a stream of lines of the schema is taken, too. */
  readonly body?: { readonly json: z.ZodType; readonly ndjson?: boolean };
  /** By status. */
  readonly answers: Readonly<Record<number, Body>>;
  /** Beside `COMMON_ERRORS`. */
  readonly errors: readonly ErrorCode[];
  readonly disableable?: Disableable;
  /** It takes an `Idempotency-Key`. */
  readonly idempotent?: true;
}

export const route = <const Given extends Route>(given: Given): Given => given;
