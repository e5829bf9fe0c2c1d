import type { TaskId } from '@drover/core';
import type { Call } from '@drover/worker';
import type { Findings } from './findings.js';

interface Started {
  attempt: number;
  token: bigint;
}

/** What handlers see: tokens grow with the attempts, an attempt begins once, no worker runs more than its capacity. */
export class HandlerRules {
  readonly #findings: Findings;
  readonly #started = new Map<TaskId, Started[]>();
  #count = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Handlers that have begun, in all. */
  get started(): number {
    return this.#count;
  }

  /** `running`: at this worker, this one included. */
  begins({ task, attempt, fencingToken: token }: Call, worker: string, running: number, capacity: number): void {
    this.#count++;
    this.#findings.expect(running <= capacity, () => `${worker} runs ${running} tasks, its capacity is ${capacity}`);
    const before = this.#started.get(task) ?? [];
    for (const earlier of before) {
      const isAgain = earlier.token === token;
      this.#findings.expect(!isAgain, () => `attempt ${attempt} of task ${task} began twice`);
      const isOrdered = isAgain || earlier.token > token === earlier.attempt > attempt || earlier.attempt === attempt;
      this.#findings.expect(
        isOrdered,
        () => `task ${task}: attempt ${attempt} has token ${token}, attempt ${earlier.attempt} had ${earlier.token}`,
      );
    }
    before.push({ attempt, token });
    this.#started.set(task, before);
  }
}
