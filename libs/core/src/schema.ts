import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DroverError } from './errors.js';

/**
 * A schema of any library that speaks Standard Schema, such as zod, valibot or arktype (https://standardschema.dev).
 * `Input` is the submitted payload, `Output` the one that the handler gets: a schema may fill in defaults and convert.
 */
export type PayloadSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;
export type SchemaInput<Schema extends PayloadSchema<unknown, unknown>> = StandardSchemaV1.InferInput<Schema>;
export type SchemaOutput<Schema extends PayloadSchema<unknown, unknown>> = StandardSchemaV1.InferOutput<Schema>;

/** A fault that a schema found in a payload. `path`: the field, such as `size.width`; empty: the payload itself. */
export interface PayloadIssue {
  readonly path: string;
  readonly message: string;
}

/** Thrown when the schema of a type refuses a payload: at the submit, or by the worker before the task runs. */
export class InvalidPayloadError extends DroverError {
  override readonly name = 'InvalidPayloadError';
  readonly type: string;
  /** At least one. */
  readonly issues: readonly PayloadIssue[];
  /** Another attempt would have the same payload. */
  readonly retryable = false;
  constructor(type: string, issues: readonly PayloadIssue[]) {
    const shown = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    super(`payload of the '${type}' task: ${shown.join('; ')}`);
    this.type = type;
    this.issues = issues;
  }
}

/** Whether `value` is such a schema. Some libraries make objects of it, others functions. */
export function isPayloadSchema(value: unknown): value is PayloadSchema<unknown, unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  const { '~standard': standard } = value as { '~standard'?: { version?: unknown; validate?: unknown } | null };
  return standard?.version === 1 && typeof standard.validate === 'function';
}

/**
 * Returns the schema's output for `payload`, which the handler gets: at once, or as a promise if the schema is
 * asynchronous. A task without a payload has `null`; if the schema refuses that, it is asked with `undefined`, which
 * schemas that are optional or have a default take. Throws, or rejects with, `InvalidPayloadError`.
 */
export function validatePayload<Output>(
  type: string,
  schema: PayloadSchema<unknown, Output>,
  payload: unknown,
): Output | Promise<Output> {
  const result = check(schema, payload);
  return result instanceof Promise ? result.then((later) => valueOf(type, later)) : valueOf(type, result);
}

type Checked<Output> = StandardSchemaV1.Result<Output> | Promise<StandardSchemaV1.Result<Output>>;

function check<Output>(schema: PayloadSchema<unknown, Output>, payload: unknown): Checked<Output> {
  const { validate } = schema['~standard'];
  const result = validate(payload);
  if (payload !== null) return result;
  if (result instanceof Promise)
    return result.then(async (asNull) =>
      asNull.issues === undefined ? asNull : better(asNull, await validate(undefined)),
    );
  if (result.issues === undefined) return result;
  const asUndefined = validate(undefined);
  return asUndefined instanceof Promise
    ? asUndefined.then((later) => better(result, later))
    : better(result, asUndefined);
}

/** The result for no payload: that of `undefined` if it has no issues, otherwise that of `null`. */
function better<Output>(
  asNull: StandardSchemaV1.Result<Output>,
  asUndefined: StandardSchemaV1.Result<Output>,
): StandardSchemaV1.Result<Output> {
  return asUndefined.issues === undefined ? asUndefined : asNull;
}

function valueOf<Output>(type: string, result: StandardSchemaV1.Result<Output>): Output {
  if (result.issues === undefined) return result.value;
  throw new InvalidPayloadError(type, result.issues.map(toIssue));
}

function toIssue({ message, path = [] }: StandardSchemaV1.Issue): PayloadIssue {
  const keys = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return { path: keys.join('.'), message };
}
