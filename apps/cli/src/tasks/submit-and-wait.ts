import type { Drover, FinishedTask, TaskInput } from '@drover/client';
import { inOneLine, DroverError, parseTaskId } from '@drover/core';
import { flagArg, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { createColors } from '../terminal/colors.js';
import { OutputClosedError } from '../terminal/output.js';
import type { Progress } from '../terminal/progress.js';
import { counted, formatCount, formatElapsed } from '../views/format.js';
import { showState } from '../views/states.js';
import { showFailure } from '../views/task.js';
import { watchTask, watchTasks } from './watch-task.js';
import { summary, type Work } from './work.js';

/** The most failures that people see; programs (`--json`) get the ends of all tasks. */
const SHOWN = 20;

/** Thrown when `--wait-timeout` is over; the tasks are still there. */
export class WaitTimeoutError extends DroverError {
  override readonly name = 'WaitTimeoutError';
}

export interface WaitOptions {
  timeoutMs: number | null;
  progress: Progress;
}

/** Submits all of `work` and prints each task that has finished. */
export async function submitAndWait(
  environment: Environment,
  drover: Drover,
  work: Work,
  { timeoutMs, progress }: WaitOptions,
): Promise<number> {
  const { runtime, signal, interruption } = environment;
  const leaving = new AbortController();
  const state = new WaitState(environment, drover, work, progress, () => leaving.abort());
  interruption.note = () => state.whatGoesOn();
  const patience = new AbortController();
  const timer =
    timeoutMs === null
      ? null
      : runtime.after(timeoutMs, () => {
          const waited = `not finished after ${formatElapsed(timeoutMs)}`;
          patience.abort(new WaitTimeoutError(`${waited}; ${state.whatGoesOn()}`));
        });
  const options = {
    ...work.defaults,
    signal: AbortSignal.any([signal, patience.signal, leaving.signal]),
    onSubmitted: (task: { id: string; deduplicated: boolean }) => state.submitted(task),
  };
  try {
    for await (const task of drover.run(state.inputs(), options)) await state.finished(task);
    progress.stop();
    return await state.end();
  } catch (error) {
    if (leaving.signal.aborted) return await state.end();
    throw error;
  } finally {
    timer?.cancel();
    state.stop();
  }
}

/** The state of the work so far. */
class WaitState {
  readonly #environment: Environment;
  readonly #drover: Drover;
  readonly #work: Work;
  readonly #progress: Progress;
  readonly #startedAt: number;
  /** Called when stdout is closed and all tasks are submitted: nothing is left to wait for. */
  readonly #leave: () => void;
  /** How many tasks of each batch are not finished. */
  readonly #unfinished = new Map<string, number>();
  readonly #counts = { succeeded: 0, failed: 0, cancelled: 0 };
  #read = 0;
  #isRead = false;
  #submitted = 0;
  #finished = 0;
  #shown = 0;
  #firstId = '';
  #waiting = '';
  #closed: Error | null = null;
  #stopWatching: () => void = () => undefined;

  constructor(environment: Environment, drover: Drover, work: Work, progress: Progress, leave: () => void) {
    this.#environment = environment;
    this.#drover = drover;
    this.#work = work;
    this.#progress = progress;
    this.#leave = leave;
    this.#startedAt = environment.runtime.monotonic();
    if (work.isList && !environment.json) this.#watchAll();
  }

  async *inputs(): AsyncGenerator<TaskInput> {
    for await (const task of this.#work.tasks) {
      this.#read++;
      yield task;
    }
    this.#isRead = true;
    this.#leaveIfUnread();
  }

  submitted({ id, deduplicated }: { id: string; deduplicated: boolean }): void {
    const { json, stderr } = this.#environment;
    this.#submitted++;
    this.#firstId ||= id;
    this.#leaveIfUnread();
    if (this.#work.isList && !deduplicated) this.#count(id, 1);
    if (json || this.#work.isList) return;
    stderr.note(deduplicated ? `${id} has this key and is not finished` : `${id} submitted`);
    this.#stopWatching = watchTask(this.#environment, this.#drover, id, (text) => this.#note(text));
  }

  #watchAll(): void {
    const waitedFor = { finished: () => this.#finished, batches: () => this.#unfinished.keys() };
    this.#stopWatching = watchTasks(this.#environment, this.#drover, waitedFor, (text) => {
      this.#waiting = text;
      if (this.#progress.isShown) this.#showProgress();
      else this.#note(text);
    });
  }

  #note(text: string): void {
    const { stderr, env } = this.#environment;
    if (text !== '') stderr.note(createColors(stderr.isTerminal, env).dim(text));
  }

  #count(id: string, change: 1 | -1): void {
    const batch = parseTaskId(id)?.batch ?? '';
    const count = (this.#unfinished.get(batch) ?? 0) + change;
    if (count > 0) this.#unfinished.set(batch, count);
    else this.#unfinished.delete(batch);
  }

  /** Resolves when it is printed and the reader keeps up. */
  async finished(task: FinishedTask): Promise<void> {
    const { json, stdout } = this.#environment;
    this.#finished++;
    this.#counts[task.state]++;
    if (!this.#work.isList) this.stop();
    else if (!task.deduplicated) this.#count(task.id, -1);
    if (this.#closed === null) {
      try {
        if (json) await stdout.json(finishedDocument(task));
        else if (!this.#work.isList || (task.state !== 'succeeded' && this.#shown++ < SHOWN)) {
          this.#progress.stop();
          await stdout.line(showFinished(task, this.#environment));
        }
      } catch (error) {
        this.#closed = error as Error;
        this.#leaveIfUnread();
      }
    }
    this.#showProgress();
  }

  #showProgress(): void {
    const { failed } = this.#counts;
    const notes = [failed > 0 ? `${formatCount(failed)} failed` : '', this.#waiting].filter((note) => note !== '');
    this.#progress.update(this.#finished, notes.join('; '));
  }

  #leaveIfUnread(): void {
    if (this.#closed !== null && this.#isRead && this.#submitted === this.#read) this.#leave();
  }

  async end(): Promise<number> {
    const { json, stdout, stderr, runtime } = this.#environment;
    const { succeeded, failed, cancelled } = this.#counts;
    if (this.#closed !== null) {
      stderr.note(`drover: stdout was closed; ${this.whatGoesOn()}`);
      await stderr.flush();
      if (!(this.#closed instanceof OutputClosedError)) throw this.#closed;
      return EXIT.DONE;
    }
    if (!json && this.#work.isList) {
      const ends = [`${formatCount(succeeded)} succeeded`];
      if (failed > 0) ends.push(`${formatCount(failed)} failed`);
      if (cancelled > 0) ends.push(`${formatCount(cancelled)} cancelled`);
      const elapsedMs = runtime.monotonic() - this.#startedAt;
      await stdout.line(`${summary('finished', this.#finished, elapsedMs)}: ${ends.join(', ')}`);
    }
    return succeeded === this.#finished ? EXIT.DONE : EXIT.FAILED;
  }

  /** A text for a user who stops waiting: that the tasks continue, and how to look at them. */
  whatGoesOn(): string {
    const { isList } = this.#work;
    if (this.#submitted === 0) return isList ? 'no task is known to be submitted' : 'the task may have been submitted';
    if (!isList) return `task ${this.#firstId} continues; see 'drover get ${this.#firstId}'`;
    const left = this.#submitted - this.#finished;
    const others = left === 0 ? '' : `, ${formatCount(left)} continue; see 'drover ls'`;
    return `${counted(this.#submitted, 'task')} submitted, ${formatCount(this.#finished)} finished${others}`;
  }

  stop(): void {
    this.#stopWatching();
  }
}

/** A line of `submit --wait --json`. */
function finishedDocument(task: FinishedTask): object {
  const { id, type, state, attempt, worker } = task;
  if (task.state === 'succeeded') return { id, type, state, result: task.result, attempt, worker };
  if (task.state === 'failed') return { id, type, state, error: task.error, attempt, worker };
  const { winner, reason } = task;
  const why = { ...(winner === undefined ? {} : { winner }), ...(reason === undefined ? {} : { reason }) };
  return { id, type, state, ...why, attempt, worker };
}

function showFinished(task: FinishedTask, { colors, args }: Environment): string {
  const head = `${task.id} ${showState(task.state, colors)}`;
  if (task.state === 'succeeded') return `${head}\n${JSON.stringify(task.result, null, 2)}`;
  if (task.state === 'failed') return `${head}: ${showFailure(task.error, flagArg(args, 'debug'))}`;
  if (task.winner !== undefined) return `${head}: task ${task.winner} runs in its place`;
  return task.reason === undefined ? head : `${head}: ${inOneLine(task.reason)}`;
}
