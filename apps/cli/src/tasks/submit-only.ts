import type { Drover } from '@drover/client';
import type { Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { OutputClosedError } from '../terminal/output.js';
import type { Progress } from '../terminal/progress.js';
import { counted } from '../views/format.js';
import { summary, type Work } from './work.js';

/** People are shown so many ids, programs (`--json`) all. */
const SHOWN = 20;

/**
 * Submits all of `work` and prints the ids of exactly the tasks that are stored, also where it fails midway. A stdout that
 * nobody reads any more does not stop it: half of a file would be worse than a whole one without its ids.
 */
export async function submitOnly(
  environment: Environment,
  drover: Drover,
  work: Work,
  progress: Progress,
): Promise<number> {
  const { json, stdout, stderr, runtime, interruption } = environment;
  const startedAt = runtime.monotonic();
  const ids = new Ids(environment);
  let count = 0;
  interruption.note = () => `${counted(count, 'task')} submitted, perhaps a few more`;
  try {
    for await (const { id, type, deduplicated } of drover.submitMany(work.tasks, work.defaults)) {
      await ids.add({ id, type, ...(deduplicated ? { deduplicated } : {}) }, count);
      progress.update(++count);
    }
  } catch (error) {
    progress.stop();
    await ids.end(count);
    if (count > 0) stderr.note(`drover: ${counted(count, 'task')} submitted before this failure:`);
    throw error;
  }
  progress.stop();
  await ids.end(count);
  if (!json && count > SHOWN) await stdout.line(summary('submitted', count, runtime.monotonic() - startedAt));
  return EXIT.DONE;
}

/** Prints ids for as long as somebody reads them. */
class Ids {
  readonly #environment: Environment;
  readonly #few: string[] = [];
  #failure: Error | null = null;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async add(document: { id: string; type: string }, place: number): Promise<void> {
    const { json, stdout } = this.#environment;
    if (!json) {
      if (place < SHOWN) this.#few.push(document.id);
      return;
    }
    await this.#try(() => stdout.json(document));
  }

  /** Throws where ids could not be written for another reason than that nobody reads them. */
  async end(count: number): Promise<void> {
    const { json, stdout, stderr } = this.#environment;
    if (!json && count <= SHOWN) for (const id of this.#few) await this.#try(() => stdout.line(id));
    await this.#try(() => stdout.flush());
    if (this.#failure === null) return;
    const isClosed = this.#failure instanceof OutputClosedError;
    const why = isClosed ? '; stdout was closed before all ids were printed' : ', not all ids printed';
    stderr.note(`drover: ${counted(count, 'task')} submitted${why}`);
    if (!isClosed) throw this.#failure;
  }

  async #try(write: () => Promise<void> | undefined): Promise<void> {
    if (this.#failure !== null) return;
    try {
      await write();
    } catch (error) {
      this.#failure = error as Error;
    }
  }
}
