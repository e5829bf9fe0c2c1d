import type { Operation } from '@drover/zookeeper';
import type { Written } from './term-clock.js';
import type { TermContext } from './term-context.js';

export interface ShownRecordOptions {
  context: TermContext;
  path: string;
  /** The record takes whole multiples of so many bytes. */
  blockBytes: number;
  /** Before everything else that waits to be written. */
  urgent: boolean;
}

/** `written`: when, where the answer says so. `refused`: by ZooKeeper, and reported. `null`: the term is over. */
export type Shown = { written: Written | null } | 'refused' | null;

/**
 * A record of the leader that is only shown: whatever ZooKeeper says to it, the term goes on. One write at a time. It
 * is padded with spaces, which JSON allows, so that one that says more is not larger: where a quota of bytes is used up
 * ZooKeeper still takes it.
 */
export class ShownRecord {
  readonly #options: ShownRecordOptions;
  #exists = true;
  #bytes = 0;

  constructor(options: ShownRecordOptions) {
    this.#options = options;
  }

  async write(text: string): Promise<Shown> {
    const { context, path } = this.#options;
    const data = this.#padded(text);
    for (;;) {
      const operation: Operation = this.#exists ? { op: 'set', path, data } : { op: 'create', path, data };
      const askedAt = context.runtime.monotonic();
      const answer = await context.writer.attempt([operation], { urgent: this.#options.urgent });
      if (answer === null || !context.active()) return null;
      if (answer.applied) {
        this.#exists = true;
        this.#bytes = data.length;
        const [set] = answer.results;
        return { written: set?.op === 'set' ? { serverMs: set.stat.mtime, askedAt } : null };
      }
      const there = answer.code === 'NODE_EXISTS' || (answer.code === 'NO_NODE' ? false : null);
      if (there === null || there === this.#exists) {
        context.refused(answer);
        return 'refused';
      }
      this.#exists = there;
    }
  }

  #padded(text: string): Buffer {
    const data = Buffer.from(text);
    const { blockBytes } = this.#options;
    const bytes = data.length <= this.#bytes ? this.#bytes : Math.ceil(data.length / blockBytes) * blockBytes;
    return Buffer.concat([data, Buffer.alloc(Math.max(0, bytes - data.length), ' ')]);
  }
}
