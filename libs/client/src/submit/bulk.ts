import { InvalidArgumentError, TASK_OPTION_NAMES } from '@drover/core';
import type { Runtime } from '@drover/runtime';
import type { ClientLimits, PayloadSchemas, TaskInput } from '../options.js';
import { Ahead } from './ahead.js';
import { Budget } from './budget.js';
import { Output } from './output.js';
import { prepare, type PreparedTask } from './prepare.js';
import type { OptionsResolver } from './task-options.js';

export type Inputs = Iterable<TaskInput> | AsyncIterable<TaskInput>;

export const INPUT_NAMES: readonly string[] = ['type', 'payload', ...TASK_OPTION_NAMES];

export interface BulkOptions {
  runtime: Runtime;
  limits: ClientLimits;
  resolver: OptionsResolver;
  schemas: PayloadSchemas;
  /** A task was read from the inputs. */
  take: (task: PreparedTask) => void;
  /** The reader has left, or the whole has failed. */
  left: () => void;
}

/**
 * The common part of `submitMany` and `run`: inputs are read while there is room for their tasks; reading the output
 * makes room again. The output ends when the inputs have ended and each of them has come out or was refused, with the
 * error that ended the inputs, if any: tasks that were stored come out in any case.
 */
export class Bulk<Value> {
  readonly output: Output<Value>;
  readonly #budget: Budget;
  readonly #ahead: Ahead<TaskInput>;
  readonly #left: () => void;
  #inputsEnded = false;
  #inputsError: unknown = null;

  constructor(inputs: Inputs, options: BulkOptions) {
    const { limits, runtime, resolver, schemas } = options;
    checkInputs(inputs);
    this.#left = options.left;
    this.#budget = new Budget({ tasks: limits.aheadTasks, bytes: limits.aheadBytes });
    this.output = new Output({
      begun: () => this.#ahead.read(),
      read: (bytes) => this.#wasRead(bytes),
      left: () => this.#leave(),
    });
    const context = { resolver, schemas, names: INPUT_NAMES };
    const takePrepared = (prepared: PreparedTask): void => {
      this.#budget.take(prepared.bytes);
      options.take(prepared);
    };
    const take = (input: TaskInput): Promise<void> | undefined => {
      checkInput(input);
      const prepared = prepare({ type: input.type, payload: input.payload, options: input }, context);
      if (prepared instanceof Promise) return prepared.then(takePrepared);
      takePrepared(prepared);
      return undefined;
    };
    const to = { take, hasRoom: () => this.#budget.hasRoom, done: (error: unknown) => this.#inputsDone(error) };
    this.#ahead = new Ahead(inputs, to, runtime);
  }

  /** The memory of a task changed by `bytes`. */
  holdsMore(bytes: number): void {
    this.#budget.change(bytes);
    if (bytes < 0) this.#ahead.read();
  }

  /** A task was not submitted: nothing more is read, and the iteration ends with this error after the rest. */
  refused(bytes: number, error: unknown): void {
    this.#budget.giveBack(bytes);
    this.#ahead.stop();
    if (this.#inputsEnded && this.#inputsError !== null) this.#endIfEmpty();
    else this.#inputsDone(error);
  }

  /** A task cannot be yielded: the iteration ends. */
  fail(error: unknown): void {
    this.#leave();
    this.output.end(error);
  }

  #leave(): void {
    this.#ahead.stop();
    this.#left();
  }

  #wasRead(bytes: number): void {
    this.#budget.giveBack(bytes);
    if (this.#inputsEnded) this.#endIfEmpty();
    else this.#ahead.read();
  }

  #inputsDone(error: unknown): void {
    this.#inputsEnded = true;
    this.#inputsError = error;
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (this.#budget.empty) this.output.end(this.#inputsError);
  }
}

function checkInputs(inputs: unknown): void {
  const isObject = (typeof inputs === 'object' && inputs !== null) || typeof inputs === 'function';
  if (isObject && (Symbol.asyncIterator in inputs || Symbol.iterator in inputs)) return;
  throw new InvalidArgumentError(
    'tasks',
    inputs,
    'an iterable, or an async iterable, of { type, payload, ...options }',
  );
}

/** Throws `InvalidArgumentError`. */
export function checkInput(input: unknown): void {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return;
  throw new InvalidArgumentError('task', input, 'an object such as { type, payload, ...options }');
}
