import type { BatchId } from '@drover/core';
import type { Attempted, Refusal } from '@drover/coordination';
import type { Operation } from '@drover/zookeeper';
import { BatchOrder } from '../commands/batch-order.js';
import { refusedBackoff } from '../term/backoff.decide.js';
import type { TermContext } from '../term/term-context.js';

/**
 * Writes of flows, in their order for each flow. ZooKeeper may refuse one for a reason of its own: it is repeated until it
 * succeeds, and later writes of its flow wait for it. A write to something that somebody has removed by hand is dropped; a name
 * of this leader that is taken ends the term.
 */
export class FlowWrites {
  readonly #context: TermContext;
  readonly #order: BatchOrder;

  constructor(context: TermContext) {
    this.#context = context;
    this.#order = new BatchOrder((error) => context.broken(error));
  }

  /** With all writes of this turn of the event loop. */
  write(flow: BatchId, operations: readonly Operation[]): void {
    this.run(flow, () => {
      const refused = (refusal: Refusal): void => this.#refused(flow, operations, refusal);
      this.#context.writer.write(operations, { key: flow, refused });
      return undefined;
    });
  }

  /** After the earlier writes of the flow. If it rejects, the term ends. */
  run(flow: BatchId, step: () => Promise<void> | undefined): void {
    this.#order.run(flow, () => (this.#context.active() ? step() : undefined));
  }

  /** Resolves when no write of these flows waits to be repeated. */
  async settled(flows: Iterable<BatchId>): Promise<void> {
    await this.#order.settled(flows);
  }

  #refused(flow: BatchId, operations: readonly Operation[], refusal: Refusal): void {
    if (!this.#context.active()) return;
    const left = whatIsLeft(operations, refusal);
    if (left.length === operations.length) this.#context.refused(refusal);
    if (refusal.code === 'NODE_EXISTS') return this.#context.fail(`${refusal.path} is there already`);
    if (left.length === 0) return;
    this.run(flow, async () => {
      if (left.length < operations.length || (await this.#context.later(refusedBackoff(1))))
        await this.untilApplied(flow, left);
    });
  }

  /** The last answer: of a refusal only where repeating is of no use. `null`: the term is over. */
  async untilApplied(flow: BatchId, operations: readonly Operation[]): Promise<Attempted | null> {
    let left = operations;
    for (let tries = 1; ; tries++) {
      const answer = await this.#context.writer.attempt(left, { key: flow });
      if (answer === null || answer.applied || answer.code === 'NOT_EMPTY') return answer;
      if (answer.code === 'NODE_EXISTS') {
        this.#context.fail(`${answer.path} is there already`);
        return null;
      }
      const before = left.length;
      left = whatIsLeft(left, answer);
      if (left.length === 0) return answer;
      if (left.length < before) continue;
      this.#context.refused(answer);
      if (!(await this.#context.later(refusedBackoff(tries)))) return null;
    }
  }
}

/** Without a deletion of something that is not there; none of them, where something is to be written that has no place. */
function whatIsLeft(operations: readonly Operation[], { code, failedIndex }: Refusal): readonly Operation[] {
  if (code !== 'NO_NODE') return operations;
  if (operations[failedIndex]?.op !== 'delete') return [];
  return operations.filter((_, at) => at !== failedIndex);
}
