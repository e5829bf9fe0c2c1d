import { taskChecker, type TaskInput } from '@drover/client';
import { mustSee, mustSeeAfter } from '../handlers/asked.js';
import type { Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { apiErrorOf } from '../errors-of-client.js';
import { jsonLines } from './ndjson.js';

/** An acknowledgement, or the error with which the stream ends. */
export type LineReply =
  { line: number; id: string; deduplicated?: true } | { line: number; error: { code: string; detail: string } };

/**
 * Submits the tasks of a stream of lines, and answers each line when its task is durable, in order. It reads only so far ahead of
 * the answers, so a caller that does not read the answers is not read either.
 *
 * The first line that is wrong ends it: the lines before are durable and answered, then comes the error with the number of that
 * line, and nothing behind it exists. If the system refuses tasks (the intake is closed, a queue is full), exactly the lines that
 * were answered are durable, and the error names the first one that was not.
 */
export async function* submitLines(
  body: AsyncIterable<Uint8Array>,
  { context, caller }: { context: ApiContext; caller: Caller },
): AsyncGenerator<LineReply, void> {
  const reading = new Reading(body, caller, context);
  try {
    for await (const { id, deduplicated } of context.drover.submitMany(reading.tasks())) {
      const line = reading.answered();
      yield deduplicated ? { line, id, deduplicated } : { line, id };
    }
  } catch (error) {
    const known = apiErrorOf(error);
    if (known === null) throw error;
    const line = reading.faulty ?? reading.firstUnanswered;
    yield { line, error: { code: known.code, detail: known.message } };
  }
}

/** The lines that were read, and which of them were answered. */
class Reading {
  /** The number of the line that is wrong; `null`: none is, as far as was read. */
  faulty: number | null = null;
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #caller: Caller;
  readonly #context: ApiContext;
  /** Numbers of lines that were read and not answered, those before `#head` were. */
  #waiting: number[] = [];
  #head = 0;
  #last = 0;

  constructor(body: AsyncIterable<Uint8Array>, caller: Caller, context: ApiContext) {
    this.#context = context;
    this.#body = body;
    this.#caller = caller;
  }

  get firstUnanswered(): number {
    return this.#waiting[this.#head] ?? this.#last + 1;
  }

  async *tasks(): AsyncGenerator<TaskInput, void> {
    const check = taskChecker();
    try {
      for await (const { line, value } of jsonLines(this.#body)) {
        this.#last = line;
        const task = value as TaskInput;
        const checked = check(task);
        mustSee(this.#caller, checked.queue);
        await mustSeeAfter(this.#caller, this.#context, [checked]);
        this.#waiting.push(line);
        yield task;
      }
    } catch (error) {
      this.faulty = lineOf(error) ?? this.#last;
      throw error;
    }
  }

  /** The number of the next line. */
  answered(): number {
    const line = this.#waiting[this.#head++] ?? 0;
    if (this.#head >= 4_096) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return line;
  }
}

const lineOf = (error: unknown): number | null =>
  error instanceof Error && 'line' in error && typeof error.line === 'number' ? error.line : null;
