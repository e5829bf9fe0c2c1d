import { RecordError, type BatchId, type TaskFailure } from '@drover/core';
import {
  compareResultNames,
  decodeResult,
  failureOf,
  parseResultName,
  batchPath,
  resultPath,
  type ResultHeader,
  type TaskEnd,
} from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/** How a task has ended. `becomes`: it ends as that run ends. */
export type StepEnd = { readonly value: unknown } | { readonly error: TaskFailure } | { readonly becomes: string };

/** The ends of tasks of one batch, as far as its results were read. */
interface Known {
  /** Names of results that were read. */
  readonly names: Set<string>;
  /** The final ones: those that succeeded. */
  readonly values: Map<number, StepEnd>;
  readonly failures: Map<number, TaskFailure>;
  /** Of the results that were read. */
  bytes: number;
  /** A result that cannot be read: it may be the one that is asked for. */
  garbage: RecordError | null;
}

const cancelled: TaskFailure = { name: 'TaskCancelledError', message: 'the task was cancelled', retryable: false };

/**
 * Reads how tasks have ended, for whoever builds on it. A success stays one, and is not read again while it is remembered: batches that were asked for the longest ago are forgotten when more than `keptBytes` of results are held.
 */
export class TaskEnds {
  readonly #zk: ZooKeeper;
  readonly #keptBytes: number;
  /** A Map keeps the order of insertion: the first was asked for the longest ago. */
  readonly #batches = new Map<BatchId, Known>();
  readonly #reading = new Map<BatchId, Promise<void>>();
  #bytes = 0;

  constructor(zk: ZooKeeper, keptBytes: number) {
    this.#zk = zk;
    this.#keptBytes = keptBytes;
  }

  /**
   * How these tasks of a batch have ended: two round trips where they are not known. Throws `RecordError` where the batch is
   * gone, or where one of them has no readable end.
   */
  async of(batch: BatchId, indexes: Iterable<number>): Promise<Map<number, StepEnd>> {
    const wanted = [...indexes];
    const known = this.#batches.get(batch) ?? nothing();
    // The order in which they were asked for.
    this.#batches.delete(batch);
    this.#batches.set(batch, known);
    const isKnown = (): boolean => wanted.every((index) => known.values.has(index));
    if (!isKnown()) await this.#read(batch, known, isKnown);
    return new Map(wanted.map((index) => [index, endOf(batch, index, known)]));
  }

  /** A result in which every task succeeded, and which whoever asks has written: it need not be read. */
  learn(batch: BatchId, name: string, text: string): void {
    const known = this.#batches.get(batch) ?? nothing();
    if (known.names.has(name)) return;
    this.#batches.set(batch, known);
    this.#take(batch, known, name, Buffer.from(text));
    this.#shrink(batch);
  }

  /** Those who ask while it is read share the next reading: what they want may not have been there when this one began. */
  async #read(batch: BatchId, known: Known, isKnown: () => boolean): Promise<void> {
    const before = this.#reading.get(batch);
    await before?.catch(() => undefined);
    if (isKnown()) return;
    await (this.#reading.get(batch) ?? this.#begin(batch, known));
  }

  #begin(batch: BatchId, known: Known): Promise<void> {
    const reading = this.#readNew(batch, known).finally(() => {
      this.#reading.delete(batch);
      this.#shrink(batch);
    });
    this.#reading.set(batch, reading);
    return reading;
  }

  async #readNew(batch: BatchId, known: Known): Promise<void> {
    const path = batchPath(batch);
    const names = await nullOn(this.#zk.children(path), 'NO_NODE');
    if (names === null) throw new RecordError(path, 'is gone, and with it the results that a step refers to');
    const fresh = inOrder(names.filter((name) => !known.names.has(name)));
    const znodes = await Promise.all(fresh.map((name) => this.#zk.get(resultPath(batch, name))));
    for (const [i, { data }] of znodes.entries()) this.#take(batch, known, fresh[i] ?? '', data);
  }

  #take(batch: BatchId, known: Known, name: string, data: Uint8Array): void {
    if (known.names.has(name)) return;
    known.names.add(name);
    known.bytes += data.length;
    if (this.#batches.get(batch) === known) this.#bytes += data.length;
    take(known, resultPath(batch, name), data);
  }

  #shrink(kept: BatchId): void {
    for (const [batch, { bytes }] of this.#batches) {
      if (this.#bytes <= this.#keptBytes) return;
      if (batch === kept || this.#reading.has(batch)) continue;
      this.#batches.delete(batch);
      this.#bytes -= bytes;
    }
  }
}

const nothing = (): Known => ({ names: new Set(), values: new Map(), failures: new Map(), bytes: 0, garbage: null });

function take(known: Known, path: string, data: Uint8Array): void {
  try {
    const { header, ends } = decodeResult(path, data);
    const becomes = new Map(header.becomes);
    for (const end of ends) takeEnd(known, end, header, becomes);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    known.garbage ??= error;
  }
}

/** The first success counts. Until there is one, the last failure does. */
function takeEnd(known: Known, end: TaskEnd, header: ResultHeader, becomes: ReadonlyMap<number, string>): void {
  const { index, outcome, line } = end;
  if (known.values.has(index)) return;
  const run = becomes.get(index);
  if (outcome !== 'succeeded') known.failures.set(index, outcome === 'cancelled' ? because(header) : failureOf(end));
  else if (run !== undefined) known.values.set(index, { becomes: run });
  else known.values.set(index, { value: line !== null && 'result' in line ? line.result : null });
}

const because = ({ reason }: ResultHeader): TaskFailure =>
  reason === undefined ? cancelled : { ...cancelled, message: `the task was cancelled: ${reason}` };

function endOf(batch: BatchId, index: number, { values, failures, garbage }: Known): StepEnd {
  const value = values.get(index);
  if (value !== undefined) return value;
  const error = failures.get(index);
  if (error !== undefined) return { error };
  throw garbage ?? new RecordError(batchPath(batch), `task ${index}, to which a step refers, has no result`);
}

function inOrder(names: readonly string[]): string[] {
  const parsed = names.flatMap((name) => {
    const parts = parseResultName(name);
    return parts === null ? [] : [{ name, parts }];
  });
  return parsed.sort((a, b) => compareResultNames(a.parts, b.parts)).map(({ name }) => name);
}
