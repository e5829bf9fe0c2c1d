import { inspect } from 'node:util';

/**
 * Reads what a handler threw. Getters and proxies of the thrown value may throw themselves, so each property is read on
 * its own: one that cannot be read costs nothing but itself. Nothing here throws.
 */
const MAX_DEPTH = 5;
const MAX_REASONS = 10;
const MAX_CHARS = 1_000;

/** The property, or `undefined` where reading it throws. */
export function read(value: object, property: string): unknown {
  try {
    return (value as Record<string, unknown>)[property];
  } catch {
    return undefined;
  }
}

/** Anything with a text `message` counts, also from another realm; an `Error` counts in any case. */
export function isErrorLike(value: unknown): value is object {
  try {
    if (typeof value !== 'object' || value === null) return false;
    return value instanceof Error || typeof read(value, 'message') === 'string';
  } catch {
    return false;
  }
}

/** The error's class; `Error` where it has no readable name. */
export function nameOf(error: object): string {
  const name = read(error, 'name');
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

/** The error's message with the reasons behind it: those of an `AggregateError`, and the chain of `cause`. */
export function fullMessageOf(error: object): string {
  return withReasons(error, new Set());
}

/** Any value, on one line. */
export function show(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'function') return 'a function';
    return inspect(value, { depth: 3, breakLength: Infinity, maxArrayLength: 20, maxStringLength: MAX_CHARS });
  } catch {
    return 'a value that cannot be shown';
  }
}

function withReasons(error: object, seen: Set<object>): string {
  seen.add(error);
  const message = read(error, 'message');
  const own = typeof message === 'string' ? message : 'an error whose message cannot be read';
  if (seen.size > MAX_DEPTH) return own;
  return `${own}${reasonsOf(error, seen)}${causeOf(error, own, seen)}`;
}

/** The reasons of an `AggregateError`. */
function reasonsOf(error: object, seen: Set<object>): string {
  const errors = read(error, 'errors');
  if (!Array.isArray(errors) || errors.length === 0) return '';
  const shown = errors.slice(0, MAX_REASONS).map((reason, i) => `(${i + 1}) ${reasonText(reason, seen)}`);
  const rest = errors.length > MAX_REASONS ? [`and ${errors.length - MAX_REASONS} more`] : [];
  return `: ${[...shown, ...rest].join(', ')}`;
}

/** Left out where the message already says it, as wrapped errors often do. */
function causeOf(error: object, own: string, seen: Set<object>): string {
  const cause = read(error, 'cause');
  if (cause === undefined || cause === null || seen.has(cause)) return '';
  const text = isErrorLike(cause) ? read(cause, 'message') : undefined;
  if (typeof text === 'string' && text !== '' && own.includes(text)) return '';
  return `; caused by ${reasonText(cause, seen)}`;
}

function reasonText(reason: unknown, seen: Set<object>): string {
  if (!isErrorLike(reason)) return show(reason);
  return seen.has(reason) ? nameOf(reason) : `${nameOf(reason)}: ${withReasons(reason, seen)}`;
}
