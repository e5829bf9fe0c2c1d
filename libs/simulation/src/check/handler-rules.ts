import type { TaskId } from '@drover/core';
import type { Call } from '@drover/worker';
import type { Declared } from '../processes/placement-actions.js';
import type { Findings } from './findings.js';
import { checkHeld, type Needs } from './held-resources.js';

interface Started {
  attempt: number;
  token: bigint;
}

export interface Beginning {
  worker: string;
  /** Handlers that run at this worker, this one included. */
  running: number;
  capacity: number;
  /** ... and their calls. */
  calls: readonly Call[];
  /** The declarations of the worker since it started, the newest last; null: it makes none. */
  declared: readonly Declared[] | null;
  /** ZooKeeper has ended the worker's session for silence, and the worker does not know it yet. */
  hasLostSession: boolean;
}

/**
 * The rules about starts of handlers: tokens grow with the attempts; an attempt begins once, and while the worker's
 * session lives; no worker runs more tasks than its capacity.
 */
export class HandlerRules {
  readonly #findings: Findings;
  readonly #needs: Needs;
  readonly #started = new Map<TaskId, Started[]>();
  #count = 0;

  readonly #isOfCopy: (token: bigint) => boolean;

  /** `isOfCopy`: the token is of an attempt that was begun beside another one. */
  constructor(findings: Findings, needs: Needs, isOfCopy: (token: bigint) => boolean) {
    this.#findings = findings;
    this.#needs = needs;
    this.#isOfCopy = isOfCopy;
  }

  /** Handlers that have begun, in all. */
  get started(): number {
    return this.#count;
  }

  begins(call: Call, beginning: Beginning): void {
    const { task, attempt, fencingToken: token } = call;
    const { worker, running, capacity, hasLostSession } = beginning;
    this.#count++;
    this.#findings.expect(!hasLostSession, () => `${worker} began task ${task} after its session had fallen silent`);
    if (beginning.declared !== null) checkHeld(this.#findings, call, beginning, this.#needs);
    else
      this.#findings.expect(running <= capacity, () => `${worker} runs ${running} tasks, its capacity is ${capacity}`);
    const before = this.#started.get(task) ?? [];
    for (const earlier of before) {
      const isAgain = earlier.token === token;
      this.#findings.expect(!isAgain, () => `attempt ${attempt} of task ${task} began twice`);
      // A copy that was handed back has used up no number: the attempt that it began beside may begin again after it.
      const isLoose = this.#isOfCopy(earlier.token) && earlier.attempt === attempt + 1 && earlier.token < token;
      const isGrown = earlier.token > token === earlier.attempt > attempt || earlier.attempt === attempt;
      const isOrdered = isAgain || isGrown || isLoose;
      this.#findings.expect(
        isOrdered,
        () => `task ${task}: attempt ${attempt} has token ${token}, attempt ${earlier.attempt} had ${earlier.token}`,
      );
    }
    before.push({ attempt, token });
    this.#started.set(task, before);
  }
}
