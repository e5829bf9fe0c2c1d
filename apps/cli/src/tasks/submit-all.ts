import type { Drover, FinishedTask, SubmitOptions, TaskInput } from '@drover/client';
import { withClient } from '../client.js';
import { flagArg, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { createColors } from '../terminal/colors.js';
import { NO_PROGRESS, startProgress, type Progress } from '../terminal/progress.js';
import { counted, formatCount, formatElapsed } from '../views/format.js';
import { showState } from '../views/states.js';
import { showFailure } from '../views/task.js';

/** People are shown so many ids or failures, programs (`--json`) all. */
const SHOWN = 20;

export interface Work {
  tasks: Iterable<TaskInput> | AsyncIterable<TaskInput>;
  /** `null`: not known yet. */
  total: number | null;
  defaults: SubmitOptions;
}

/** Submits, and with `--wait` waits. Nothing is kept per task, so that a million of them need no more memory than ten. */
export function submitAll(environment: Environment, work: Work): Promise<number> {
  const wait = flagArg(environment.args, 'wait');
  return withClient(environment, async (drover) => {
    const progress = progressOf(environment, work, wait ? 'Done' : 'Submitted');
    try {
      return await (wait
        ? submitAndWait(environment, drover, work, progress)
        : submitOnly(environment, drover, work, progress));
    } finally {
      progress.stop();
    }
  });
}

async function submitOnly(environment: Environment, drover: Drover, work: Work, progress: Progress): Promise<number> {
  const { json, stdout, runtime } = environment;
  const startedAt = runtime.monotonic();
  const types = new TypesInOrder(work.tasks);
  const few: string[] = [];
  let count = 0;
  for await (const task of drover.submitMany(types.tasks(), work.defaults)) {
    const type = types.next();
    const { id, deduplicated } = task;
    if (json) {
      const pending = stdout.json({ id, type, ...(deduplicated ? { deduplicated } : {}) });
      if (pending !== undefined) await pending;
    } else if (count < SHOWN) few.push(id);
    progress.update(++count);
  }
  progress.stop();
  if (json) return EXIT.DONE;
  if (count <= SHOWN) for (const id of few) await stdout.line(id);
  else await stdout.line(summary('submitted', count, runtime.monotonic() - startedAt));
  return EXIT.DONE;
}

async function submitAndWait(
  environment: Environment,
  drover: Drover,
  work: Work,
  progress: Progress,
): Promise<number> {
  const { json, stdout, signal, runtime } = environment;
  const startedAt = runtime.monotonic();
  const counts = { succeeded: 0, failed: 0, cancelled: 0 };
  let count = 0;
  let shown = 0;
  for await (const task of drover.run(work.tasks, { ...work.defaults, signal })) {
    count++;
    counts[task.state]++;
    if (json) {
      const pending = stdout.json(finishedDocument(task));
      if (pending !== undefined) await pending;
    } else if (work.total === 1 || (task.state !== 'succeeded' && shown++ < SHOWN)) {
      progress.stop();
      await stdout.line(showFinished(task, environment));
    }
    progress.update(count, counts.failed > 0 ? `${formatCount(counts.failed)} failed` : '');
  }
  progress.stop();
  if (!json && work.total !== 1) {
    const { succeeded, failed, cancelled } = counts;
    const ended = [`${formatCount(succeeded)} succeeded`];
    if (failed > 0) ended.push(`${formatCount(failed)} failed`);
    if (cancelled > 0) ended.push(`${formatCount(cancelled)} cancelled`);
    await stdout.line(`${summary('done', count, runtime.monotonic() - startedAt)}: ${ended.join(', ')}`);
  }
  return counts.succeeded === count ? EXIT.DONE : EXIT.FAILED;
}

/** A line of `submit --wait --json`. */
export function finishedDocument(task: FinishedTask): object {
  const { id, type, state, attempt, worker } = task;
  if (task.state === 'succeeded') return { id, type, state, result: task.result, attempt, worker };
  if (task.state === 'failed') return { id, type, state, error: task.error, attempt, worker };
  return { id, type, state, attempt, worker };
}

function showFinished(task: FinishedTask, { colors, args }: Environment): string {
  const head = `${task.id} ${showState(task.state, colors)}`;
  if (task.state === 'succeeded') return `${head}\n${JSON.stringify(task.result, null, 2)}`;
  return task.state === 'failed' ? `${head}: ${showFailure(task.error, flagArg(args, 'debug'))}` : head;
}

function summary(done: string, count: number, elapsedMs: number): string {
  const rate = Math.round(count / Math.max(elapsedMs / 1_000, 0.001));
  return `${counted(count, 'task')} ${done} in ${formatElapsed(elapsedMs)} (${formatCount(rate)}/s)`;
}

function progressOf({ json, stderr, env }: Environment, work: Work, title: string): Progress {
  if (json || work.total === null || work.total <= SHOWN) return NO_PROGRESS;
  return startProgress(stderr, { title, total: work.total, colors: createColors(stderr.isTerminal, env) });
}

/** Remembers the types of tasks on their way through `submitMany`, which yields them in the order given. */
class TypesInOrder {
  readonly #source: Work['tasks'];
  #types: string[] = [];
  #read = 0;

  constructor(source: Work['tasks']) {
    this.#source = source;
  }

  async *tasks(): AsyncGenerator<TaskInput> {
    for await (const task of this.#source) {
      this.#types.push(task.type);
      yield task;
    }
  }

  next(): string {
    const type = this.#types[this.#read++] ?? '';
    if (this.#read > 10_000) {
      this.#types = this.#types.slice(this.#read);
      this.#read = 0;
    }
    return type;
  }
}
