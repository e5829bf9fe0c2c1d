import { FAILURES, validatePayload, type TaskContext } from '@drover/core';
import { endOfEnding } from '../steps/step-ending.js';
import type { LoadedHandler } from '../threads/load-handlers.js';
import type { ThreadContext } from '../threads/thread-context.js';
import { endOfThrown, failed } from './failure.js';
import type { CallEnd } from './executor.js';
import { endOfReturned } from './result-text.js';

/**
 * Runs a handler on a payload in JSON text. `ended` is called once, before this returns where the handler is synchronous.
 * Never throws.
 */
export function callHandler(
  handler: LoadedHandler | undefined,
  type: string,
  payload: string,
  context: ThreadContext,
  ended: (end: CallEnd) => void,
): void {
  if (handler === undefined) return ended(failed(FAILURES.NO_HANDLER, `no handler for '${type}'`));
  try {
    const returned = invoke(handler, JSON.parse(payload), context);
    if (context.expands) return expandReturned(handler, returned, context, ended);
    if (!isThenable(returned)) return ended(labelled(endOfReturned(returned), context));
    // `Promise.resolve` follows what a thenable resolves with; a promise it gives back as it is.
    Promise.resolve(returned).then(
      (value) => ended(labelled(endOfReturned(value), context)),
      (error: unknown) => threw(handler, context, error, ended),
    );
  } catch (error) {
    threw(handler, context, error, ended);
  }
}

/** The list that it returns is items of a map. Few threads ever need that module: it is loaded when one does. */
function expandReturned(
  handler: LoadedHandler,
  returned: unknown,
  context: ThreadContext,
  ended: (end: CallEnd) => void,
): void {
  const ending = Promise.all([returned, import('../steps/expand.js')]);
  const expanding = ending.then(([value, { expand }]) => expand(value, context));
  expanding.then(
    (end) => ended(labelled(end, context)),
    (error: unknown) => threw(handler, context, error, ended),
  );
}

/** The step ends with the label that its handler chose. */
function labelled(end: CallEnd, { chosenLabel: label }: ThreadContext): CallEnd {
  return label === undefined || end.outcome !== 'succeeded' ? end : { ...end, step: { ...end.step, label } };
}

/** Of an attempt that was asked to end the interceptors know already, or it has not failed. */
function threw(
  { hooks, description: { type } }: LoadedHandler,
  context: ThreadContext,
  error: unknown,
  ended: (end: CallEnd) => void,
): void {
  const end = endOfEnding(error) ?? endOfThrown(error);
  ended(end);
  const isFailure = end.outcome === 'failed' || end.outcome === 'rejected';
  if (hooks !== null && isFailure && !context.signal.aborted) hooks.failed(type, context, error);
}

/**
 * Calls the handler and returns its result. Throws `InvalidPayloadError` for a payload that does not fit the schema,
 * and the handler's own errors.
 */
export function invoke({ description, run, schema }: LoadedHandler, payload: unknown, context: TaskContext): unknown {
  if (schema === null) return run(payload, context);
  const checked = validatePayload(description.type, schema, payload);
  return isThenable(checked) ? checked.then((value) => run(value, context)) : run(checked, context);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveThen = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveThen && typeof (value as { then?: unknown }).then === 'function';
}
