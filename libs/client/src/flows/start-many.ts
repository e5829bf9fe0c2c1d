import { LIMITS, type BatchId } from '@drover/core';
import { prepareRun, type Flow, type PreparedRun } from '@drover/flow';
import { MAX_RUNS } from '@drover/protocol';
import { encodePayload } from '../submit/payload.js';
import { checkAdmitted, writeFlow, type WriteContext } from './write-flow.js';
import type { CheckedStart } from './start-options.js';

/** Flows that are being written at the same time. */
const IN_FLIGHT = 8;

type Inputs = Iterable<unknown> | AsyncIterable<unknown>;
type Source = AsyncIterator<unknown> | Iterator<unknown>;

/**
 * Starts a run for each input, up to 500 in one znode, and yields the ids in the order of the inputs, each when it is durable.
 * Inputs are read only so far ahead as flows are on their way. A source that makes one wait is not waited for: what has come is
 * written. An input that is refused, or a write that fails, ends it: the runs before it are yielded, then the error is thrown.
 */
export async function* startMany(
  context: WriteContext,
  flow: Flow,
  inputs: Inputs,
  start: CheckedStart,
): AsyncGenerator<string, void, undefined> {
  const source = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  const chunks = new Chunks(source, flow, context);
  let writing: Promise<string[]>[] = [];
  let next: Promise<PreparedRun[] | null> | null = null;
  let isOver = false;
  try {
    while (!isOver || writing.length > 0) {
      if (next === null && !isOver && writing.length < IN_FLIGHT) next = quiet(chunks.next());
      const [oldest] = writing;
      const turn: Turn = await firstOf(next, oldest);
      if ('ids' in turn) {
        writing = writing.slice(1);
        yield* turn.ids;
        continue;
      }
      next = null;
      if (turn.chunk === null) isOver = true;
      else writing.push(quiet(write(context, flow, turn.chunk, start)));
    }
    if (chunks.error !== null) throw chunks.error.reason;
  } finally {
    if (!isOver) await source.return?.();
  }
}

type Turn = { ids: string[] } | { chunk: PreparedRun[] | null };

/** The first of both to be there; of two that are there, the one that was started first. */
function firstOf(next: Promise<PreparedRun[] | null> | null, oldest: Promise<string[]> | undefined): Promise<Turn> {
  const written = oldest?.then((ids): Turn => ({ ids }));
  const read = next?.then((chunk): Turn => ({ chunk }));
  return Promise.race([written, read].filter((each) => each !== undefined));
}

/** Its error is thrown when its turn comes. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function write(context: WriteContext, flow: Flow, runs: PreparedRun[], start: CheckedStart): Promise<string[]> {
  await checkAdmitted(context, start);
  const { id } = await writeFlow(context, flow, runs, start);
  return runs.map((_, index) => runId(id, index));
}

export const runId = (flow: BatchId, index: number): string => `${flow}.${index}`;

/** Inputs of one znode at a time. */
class Chunks {
  /** Why the source has ended, if by an error: it is thrown after what came before it. */
  error: { reason: unknown } | null = null;
  readonly #source: Source;
  readonly #flow: Flow;
  readonly #context: WriteContext;
  #step: Promise<IteratorResult<unknown>> | null = null;
  #left: { run: PreparedRun; bytes: number } | null = null;
  #isOver = false;

  constructor(source: Source, flow: Flow, context: WriteContext) {
    this.#source = source;
    this.#flow = flow;
    this.#context = context;
  }

  /** `null`: there are no more. */
  async next(): Promise<PreparedRun[] | null> {
    const runs: PreparedRun[] = [];
    let bytes = 0;
    while (runs.length < MAX_RUNS) {
      const each = this.#left ?? (await this.#read(runs.length > 0));
      this.#left = null;
      if (each === null) break;
      if (runs.length > 0 && bytes + each.bytes > LIMITS.batchBytes) {
        this.#left = each;
        break;
      }
      runs.push(each.run);
      bytes += each.bytes + 1;
    }
    return runs.length === 0 ? null : runs;
  }

  /** `null`: there is none, or with `isEager` none yet. */
  async #read(isEager: boolean): Promise<{ run: PreparedRun; bytes: number } | null> {
    if (this.#isOver) return null;
    try {
      this.#step ??= quiet(Promise.resolve(this.#source.next()));
      const step = isEager ? await Promise.race([this.#step, this.#soon()]) : await this.#step;
      if (step === null) return null;
      this.#step = null;
      this.#isOver = step.done === true;
      if (this.#isOver) return null;
      const run = prepareRun(this.#flow.plan, step.value);
      return { run, bytes: encodePayload(this.#flow.name, run.input).bytes };
    } catch (reason) {
      this.#isOver = true;
      this.error = { reason };
      return null;
    }
  }

  #soon(): Promise<null> {
    return new Promise((resolve) => this.#context.runtime.soon(() => resolve(null)));
  }
}
