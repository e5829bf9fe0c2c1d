import { checkOptions, type HandlerInterceptor, type Run, type TaskContext } from '@drover/core';
import { inBackground, uncaught } from '@drover/runtime';
import { show } from '../execution/thrown.js';

/** The context of a call in a thread of handlers knows its queue where interceptors are to be told it. */
export interface InterceptedContext extends TaskContext {
  readonly queue: string;
}

const HOOKS = ['around', 'onFailure'];

/** The interceptors of a handlers module. A module without any has none of these. */
export class HandlerHooks {
  readonly #arounds: readonly NonNullable<HandlerInterceptor['around']>[];
  readonly #failures: readonly NonNullable<HandlerInterceptor['onFailure']>[];

  constructor(list: readonly HandlerInterceptor[]) {
    this.#arounds = list.flatMap((interceptor) => interceptor.around?.bind(interceptor) ?? []);
    this.#failures = list.flatMap((interceptor) => interceptor.onFailure?.bind(interceptor) ?? []);
  }

  /** The handler with every interceptor around it, the first one outermost. */
  wrap(type: string, run: Run<unknown, unknown>): Run<unknown, unknown> {
    return this.#arounds.reduceRight<Run<unknown, unknown>>(
      (inner, around) => (payload, context) => {
        const { queue } = context as InterceptedContext;
        return around({ type, queue, payload, context }, () => inner(payload, context));
      },
      run,
    );
  }

  /** Tells of a failed attempt. An error of a hook is told as one in the background of the module. */
  failed(type: string, context: TaskContext, error: unknown): void {
    const { id: task, attempt } = context;
    const { queue } = context as InterceptedContext;
    for (const onFailure of this.#failures)
      inBackground(
        Promise.resolve().then(() => onFailure({ task, type, queue, attempt, error })),
        uncaught,
      );
  }
}

/**
 * Checks what a handlers module exports as `interceptors`; `null`: it exports none. Throws a `TypeError` or an `InvalidArgumentError` that
 * names the entry that is wrong.
 */
export function toHooks(exported: unknown): HandlerHooks | null {
  if (exported === undefined) return null;
  if (!Array.isArray(exported))
    throw new TypeError(`interceptors: expected a list of { around, onFailure }, got ${show(exported)}`);
  const list = exported.map((entry: unknown, n) => toInterceptor(entry, `interceptors[${n}]`));
  return list.length === 0 ? null : new HandlerHooks(list);
}

function toInterceptor(entry: unknown, at: string): HandlerInterceptor {
  checkOptions(entry, HOOKS, at);
  for (const name of HOOKS) {
    const hook = (entry as Record<string, unknown>)[name];
    if (hook !== undefined && typeof hook !== 'function')
      throw new TypeError(`${at}.${name}: expected a function, got ${show(hook)}`);
  }
  return entry;
}
