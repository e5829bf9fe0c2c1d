import { InvalidArgumentError, LIMITS, PayloadTooLargeError } from '@drover/core';

export interface EncodedPayload {
  /** JSON without line breaks: a line of the batch. */
  json: string;
  bytes: number;
}

/**
 * A task without a payload has `null`. Throws `PayloadTooLargeError`, and `InvalidArgumentError` for a value that JSON
 * cannot carry or would silently replace: a function, a symbol, a bigint, a cycle, NaN, an infinity, an invalid date, a
 * hole of an array, a Map, a Set, an Error. As with `JSON.stringify`, fields that are `undefined` are left out, dates
 * become text, -0 is 0.
 */
export function encodePayload(type: string, payload: unknown): EncodedPayload {
  if (payload === undefined) return NO_PAYLOAD;
  const json = toJson(payload);
  const bytes = Buffer.byteLength(json);
  if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(type, bytes, LIMITS.payloadBytes);
  return { json, bytes };
}

const NO_PAYLOAD: EncodedPayload = Object.freeze({ json: 'null', bytes: 4 });

function toJson(payload: unknown): string {
  let json: string | undefined;
  try {
    json = stringify(payload);
    // A lost value leaves one of these behind; most payloads hold neither and are read once.
    if (json !== undefined && (json.includes('null') || json.includes('{}'))) JSON.stringify(payload, refuseLoss);
  } catch (error) {
    throw notJson(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  if (json === undefined) throw notJson(`it is ${describe(payload)}`);
  return json;
}

/** `undefined`: a function, a symbol, or a value whose `toJSON` returns `undefined`. */
function stringify(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function notJson(why: string): InvalidArgumentError {
  return new InvalidArgumentError('payload', `payload is not JSON-serializable: ${why}`);
}

/** A replacer that replaces nothing. `this` holds the value as it was before its `toJSON`. */
function refuseLoss(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (isLost(this, original, value)) {
    const where = key === '' ? 'it' : Array.isArray(this) ? `[${key}]` : `'${key}'`;
    throw new TypeError(`${where} is ${describe(original)}`);
  }
  return value;
}

function isLost(holder: unknown, original: unknown, value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return !Number.isFinite(value);
    case 'undefined':
    case 'function':
    case 'symbol':
      // A field of an object is left out, as everywhere in JavaScript.
      return Array.isArray(holder);
    case 'object':
      if (value === null) return original instanceof Date;
      return !Array.isArray(value) && Object.keys(value).length === 0 && !isPlain(value);
    case 'bigint':
    case 'boolean':
    case 'string':
      return false;
  }
}

/** An object literal, of this realm or another, or one without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  if (value instanceof Date) return 'an invalid date';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const { constructor } = value as { constructor?: { name?: unknown } };
  return `an instance of ${typeof constructor?.name === 'string' ? constructor.name : 'a class'}`;
}
