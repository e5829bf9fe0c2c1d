import { Mirror } from '@drover/coordination';
import type { QueueSettings } from '@drover/core';
import { decodeRecord, queuePath, ROOTS } from '@drover/protocol';
import type { Znode } from '@drover/zookeeper';
import { reportInvalid, type TermContext } from '../term/term-context.js';

/** The settings of queues, told to the planner; changes by hand take effect as well. */
export class QueuesFeed {
  readonly #context: TermContext;
  readonly #mirror: Mirror;
  readonly #settings = new Map<string, QueueSettings>();

  constructor(context: TermContext) {
    this.#context = context;
    this.#mirror = new Mirror({
      zk: context.zk,
      directory: ROOTS.queues,
      put: (name, znode) => this.#put(name, znode),
      gone: (name) => this.#tell(name, null),
      failed: (error) => context.broken(error),
    });
  }

  async load(): Promise<void> {
    await this.#mirror.start();
  }
  async stop(): Promise<void> {
    await this.#mirror.stop();
  }

  /** `null`: it has none of its own. */
  get(name: string): QueueSettings | null {
    return this.#settings.get(name) ?? null;
  }

  /** We have written it: the mirror will tell the same later. */
  written(name: string, settings: QueueSettings | null): void {
    this.#tell(name, settings);
  }

  #put(name: string, znode: Znode): void {
    const settings = this.#decode(name, znode);
    // What was known of it stays in force where it cannot be read.
    if (settings !== null) this.#tell(name, settings);
  }

  #decode(name: string, znode: Znode): QueueSettings | null {
    try {
      const { paused, priority, weight, maxRunning } = decodeRecord('queue', queuePath(name), znode.data);
      return { paused, priority, weight, maxRunning };
    } catch (error) {
      reportInvalid(this.#context, queuePath(name), error);
      return null;
    }
  }

  #tell(name: string, settings: QueueSettings | null): void {
    if (!this.#context.active()) return;
    if (settings === null) this.#settings.delete(name);
    else this.#settings.set(name, settings);
    this.#context.planner.queue(name, settings);
    this.#context.replan();
  }
}
