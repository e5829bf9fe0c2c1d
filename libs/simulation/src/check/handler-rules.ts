import type { TaskId } from '@drover/core';
import type { Call } from '@drover/worker';
import type { Findings } from './findings.js';

interface Started {
  attempt: number;
  token: bigint;
}

export interface Beginning {
  worker: string;
  /** At this worker, this one included. */
  running: number;
  capacity: number;
  /** ZooKeeper has ended the session that the worker takes for its own, because it had not heard of it. */
  hasLostSession: boolean;
}

/** What handlers see: tokens grow with the attempts, an attempt begins once, in a session that lives, no worker runs more than its capacity. */
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

  begins({ task, attempt, fencingToken: token }: Call, { worker, running, capacity, hasLostSession }: Beginning): void {
    this.#count++;
    this.#findings.expect(!hasLostSession, () => `${worker} began task ${task} after its session had fallen silent`);
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
