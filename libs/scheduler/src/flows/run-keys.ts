import { taskId, type BatchId } from '@drover/core';
import type { RunName } from '@drover/flow';
import { decodeRecord, encodeRecord, flowKeyQueue, type FlowHeader } from '@drover/protocol';
import { readable } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import type { KnownFlows } from './known-flows.js';
import { keyOf } from './operations.js';

/** A key that a run has for its retry; `by`: another run has it. */
export interface HeldKey {
  readonly by?: string;
  /** The run is not retried after all. */
  giveBack(): Promise<void>;
}

/**
 * Unique keys of runs. A key is free when its run has ended (`noteOperations`), so a run that is retried must take it again,
 * before anything else: only ZooKeeper can tell who has it by now. A leader that dies in between leaves the key with a run
 * that has ended; the next one frees it.
 */
export class RunKeys {
  readonly #context: TermContext;
  readonly #flows: KnownFlows;

  constructor(context: TermContext, flows: KnownFlows) {
    this.#context = context;
    this.#flows = flows;
  }

  /** `null`: the run has no key. */
  async take(run: RunName): Promise<HeldKey | null> {
    const header = this.#flows.get(run.flow)?.header;
    if (header?.key === undefined) return null;
    const task = taskId(run.flow, run.run);
    const path = keyOf(header);
    const data = encodeRecord('key', { task, queue: flowKeyQueue(header.name), key: header.key });
    const answer = await this.#context.writer.attempt([{ op: 'create', path, data }]);
    if (answer?.applied !== false) return { giveBack: () => this.free(run.flow, header) };
    const holder = await this.#holder(path);
    if (holder === null || holder.task === task) return { giveBack: () => Promise.resolve() };
    return { by: holder.task, giveBack: () => Promise.resolve() };
  }

  /** Frees the key, if it names a run of this flow. */
  async free(flow: BatchId, header: FlowHeader): Promise<void> {
    const path = keyOf(header);
    const holder = await this.#holder(path);
    if (holder === null || !holder.task.startsWith(`${flow}.`) || !this.#context.active()) return;
    await this.#context.writer.attempt([{ op: 'delete', path, version: holder.version }]);
  }

  /** After a takeover: keys of runs that have ended. */
  async freeThoseOfEnded(): Promise<void> {
    for (const [flow, known] of this.#flows.all)
      if (known?.header.key !== undefined && known.header.finished !== undefined) await this.free(flow, known.header);
  }

  async #holder(path: string): Promise<{ task: string; version: number } | null> {
    const znode = await readable(this.#context, path, this.#context.zk.get(path));
    if (znode === null) return null;
    try {
      return { task: decodeRecord('key', path, znode.data).task, version: znode.stat.version };
    } catch (error) {
      reportInvalid(this.#context, path, error);
      return null;
    }
  }
}
