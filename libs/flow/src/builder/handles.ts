import type { Edge, Template } from '../plan.js';
import { EdgeOf } from './edges.js';
import { makeRef, standsFor, type Ref } from './references.js';

/** A step of the flow that is being built: its edges, and references to what it gives. */
export class StepHandle<Result = unknown> {
  readonly step: string;
  readonly #result: Ref<Result>;

  /** `output`: of a sub-flow. */
  constructor(step: string, output: Template = { $step: step, at: [] }) {
    this.step = step;
    this.#result = makeRef<Result>(output, step);
    // Given as a value, a step means its result.
    standsFor(this, { template: output, owner: step });
  }

  /** It succeeded. The step by itself means the same. */
  get succeeded(): EdgeOf {
    return this.#edge({ step: this.step });
  }
  /** It failed for good, or was cancelled. */
  get failed(): EdgeOf {
    return this.#edge({ step: this.step, on: 'failed' });
  }
  /** It ended, in whatever way; also when it was skipped. */
  get ended(): EdgeOf {
    return this.#edge({ step: this.step, on: 'ended' });
  }
  /** It succeeded with this label or answer, which it must declare. */
  is(label: string): EdgeOf {
    return this.#edge({ step: this.step, is: label });
  }
  /** A reference to its result; null where it has none. */
  get result(): Ref<Result> {
    return this.#result;
  }

  #edge(edge: Edge): EdgeOf {
    return new EdgeOf(edge);
  }
}

/** A task. */
export class TaskHandle<Result = unknown> extends StepHandle<Result> {
  /** The list that it gives, to map over. Its result is not kept otherwise. */
  get items(): ItemsOf {
    return new ItemsOf(this.step);
  }
}

export class ItemsOf {
  readonly step: string;
  constructor(step: string) {
    this.step = step;
  }
}

/** A task for each item. */
export class MapHandle<Result = unknown> extends StepHandle<null> {
  /** Null as input; the handler reads the results of all items, in order, by `ctx.results(name)`. */
  get results(): Ref<AsyncIterable<Result>> {
    return makeRef({ $items: this.step }, this.step);
  }
}

/** Somebody says yes or no. */
export class ApprovalHandle extends StepHandle {
  get yes(): EdgeOf {
    return this.is('yes');
  }
  get no(): EdgeOf {
    return this.is('no');
  }
}
