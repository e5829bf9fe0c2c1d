import type { BatchId } from '@drover/core';
import type { FlowHeader } from '@drover/protocol';

/** A flow that is there, as far as its writes need it. */
export interface KnownFlow {
  header: FlowHeader;
  /** Names of its notes: those that were read, and those that this leader writes. */
  readonly notes: string[];
  /** Of a flow that has ended and is to be opened again: the inputs of its runs, for its znode is written anew then. */
  inputs?: readonly string[];
}

/** The flows that there are. One that cannot be read is `null`: its batches are kept, and nothing is done with it. */
export class KnownFlows {
  readonly #flows = new Map<BatchId, KnownFlow | null>();

  has(flow: BatchId): boolean {
    return this.#flows.has(flow);
  }

  get(flow: BatchId): KnownFlow | undefined {
    return this.#flows.get(flow) ?? undefined;
  }

  set(flow: BatchId, known: KnownFlow | null): void {
    this.#flows.set(flow, known);
  }

  delete(flow: BatchId): boolean {
    return this.#flows.delete(flow);
  }

  get all(): Iterable<[BatchId, KnownFlow | null]> {
    return this.#flows;
  }

  get size(): number {
    return this.#flows.size;
  }
}
