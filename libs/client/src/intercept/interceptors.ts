import {
  InvalidArgumentError,
  taskId,
  traceContextOf,
  type BatchBeingWritten,
  type BatchId,
  type BatchObserver,
  type ClientInterceptor,
  type TraceContext,
} from '@drover/core';
import { tracedTasks, type TracedTasks } from '@drover/protocol';
import { inBackground, uncaught } from '@drover/runtime';
import type { Entry } from '../submit/batch-builder.js';

/** A task, as far as interceptors see it, and what they gave it to carry. */
export type InterceptedTask = Pick<Entry, 'options' | 'carried'>;

/** A batch before it is written. */
interface Writing {
  id: BatchId;
  queue: string;
  entries: readonly InterceptedTask[];
}

/** The interceptors of a client, called one after the other. A client without any has none of these. */
export class ClientInterceptors {
  readonly #list: readonly ClientInterceptor[];
  readonly #server: string;

  /** `server`: the connect string. */
  constructor(list: readonly ClientInterceptor[], server: string) {
    this.#list = list;
    this.#server = server;
  }

  /** Called in the async context of the submit. Throws what an interceptor throws. */
  submitting(queue: string, entry: InterceptedTask): void {
    const task = { type: entry.options.type, queue };
    entry.carried = this.#list.map((interceptor) => interceptor.submitting?.(task));
  }

  /** Called once for each batch. Throws what an interceptor throws. */
  writing(writing: Writing): { traces: TracedTasks[] | null; observers: BatchObserver[] } {
    const contexts = new Map<number, TraceContext>();
    const observers = this.#list.flatMap((interceptor, n) => {
      return interceptor.writing?.(this.#viewFor(n, writing, contexts)) ?? [];
    });
    const ascending = [...contexts].sort(([a], [b]) => a - b);
    return { traces: ascending.length === 0 ? null : tracedTasks(ascending), observers };
  }

  #viewFor(n: number, { id, queue, entries }: Writing, contexts: Map<number, TraceContext>): BatchBeingWritten {
    const entryAt = (index: number): InterceptedTask => {
      const entry = entries[index];
      if (entry === undefined) throw new RangeError(`index ${index} of a batch of ${entries.length} tasks`);
      return entry;
    };
    return {
      id,
      queue,
      size: entries.length,
      server: this.#server,
      typeOf: (index) => entryAt(index).options.type,
      idOf: (index) => taskId(id, index),
      carriedBy: (index) => entryAt(index).carried?.[n],
      setTrace: (index, trace) => {
        entryAt(index);
        if (trace === null) contexts.delete(index);
        else contexts.set(index, checked(trace));
      },
    };
  }
}

function checked({ traceparent, tracestate }: TraceContext): TraceContext {
  const context = traceContextOf(traceparent, tracestate);
  if (context !== null) return context;
  throw new InvalidArgumentError('traceparent', traceparent, 'a traceparent of W3C Trace Context, version 00');
}

/** An observer that throws does not change the fate of a submit: its error is an uncaught one of the process. */
export function tellObservers(observers: readonly BatchObserver[], tell: (observer: BatchObserver) => void): void {
  for (const observer of observers) {
    try {
      tell(observer);
    } catch (error) {
      inBackground(
        Promise.resolve().then(() => uncaught(error)),
        uncaught,
      );
    }
  }
}
