import type { TaskId } from '@drover/core';
import type { Findings } from './findings.js';
import type { LimitedTask } from './limit-rules.js';

/**
 * Of a sequence one task is out at a time, and it is handed out when every one that was submitted before has ended; not
 * while one that has failed blocks the others.
 */
export class SequenceRules {
  readonly #findings: Findings;
  /** By queue and key, in the order of the transactions of their submits. */
  readonly #tasks = new Map<string, LimitedTask[]>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  submitted(task: LimitedTask): void {
    const { queue, sequence } = task;
    if (sequence === null) return;
    const name = nameOf(queue, sequence.key);
    this.#tasks.set(name, [...(this.#tasks.get(name) ?? []), task]);
  }

  handedOut(task: LimitedTask): void {
    const { queue, sequence } = task;
    if (sequence === null) return;
    const all = this.#tasks.get(nameOf(queue, sequence.key)) ?? [];
    const at = all.indexOf(task);
    for (const [index, other] of all.entries()) {
      if (other === task) continue;
      const { id, final, out, isRequeued } = other.task;
      this.#findings.expect(
        out === null,
        () => `task ${task.task.id} was handed out beside ${id} of its sequence '${sequence.key}'`,
      );
      // One that somebody retries goes when it can: the others may have gone on before.
      if (index > at || isRequeued || task.task.isRequeued || other.isUnique) continue;
      this.#findings.expect(
        final !== null && !(final === 'failed' && isBlocking(other)),
        () =>
          `task ${task.task.id} of sequence '${sequence.key}' was handed out before ${id} (${final ?? 'not ended'})`,
      );
    }
  }

  blocking(): TaskId[] {
    return [...this.#tasks.values()]
      .flat()
      .flatMap((each) => (each.task.final === 'failed' && isBlocking(each) ? [each.task.id] : []));
  }
}

const isBlocking = ({ sequence }: LimitedTask): boolean => sequence?.onFailure === 'block';
const nameOf = (queue: string, key: string): string => `${queue} ${key}`;
