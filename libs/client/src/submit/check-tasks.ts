import { featuresOf, isLeaderDecided, type SubmitOptions, type TaskId, type TaskOptions } from '@drover/core';
import type { TaskInput } from '../options.js';
import { checkInput, INPUT_NAMES } from './bulk.js';
import { prepare } from './prepare.js';
import { OptionsResolver } from './task-options.js';

/** A task as it would be submitted. */
export interface CheckedTask {
  queue: string;
  /** Features that a program must know to run it; mostly none. */
  features: readonly string[];
  /** Of its payload, as JSON. */
  bytes: number;
  /** It has a key, and becomes the unfinished task that holds it, if there is one. */
  keyed: boolean;
  /** It is not due at once: it has a delay, waits for other tasks, or its unique key decides. */
  later: boolean;
  /** The tasks that it is to run after; mostly none. */
  after: readonly TaskId[];
}

const isLater = ({ delayMs, after, unique }: TaskOptions): boolean =>
  delayMs > 0 || after !== null || isLeaderDecided(unique);

const NO_TASKS: readonly TaskId[] = [];
const NO_SCHEMAS = new Map<string, never>();

/**
 * Checks tasks one by one as `submitMany(tasks, defaults)` would, without a client: nothing is submitted. The function throws
 * `InvalidArgumentError` and `PayloadTooLargeError`.
 */
export function taskChecker(defaults?: SubmitOptions): (task: TaskInput) => CheckedTask {
  const context = { resolver: new OptionsResolver(defaults), schemas: NO_SCHEMAS, names: INPUT_NAMES };
  return (task) => {
    checkInput(task);
    const prepared = prepare({ type: task.type, payload: task.payload, options: task }, context);
    // Without schemas nothing is asynchronous.
    if (prepared instanceof Promise) throw new TypeError('a schema is asynchronous');
    const { queue, options, bytes } = prepared;
    const { key, after } = options;
    return {
      ...{ queue, bytes, features: featuresOf(options) },
      ...{ keyed: key !== null, later: isLater(options), after: after ?? NO_TASKS },
    };
  };
}
