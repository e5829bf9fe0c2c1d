import { setTimeout as delay } from 'node:timers/promises';
import { TaskCancelledError, TaskFailedError, TaskNotFoundError, type FinishedTask, type Task } from '@drover/client';
import type { Operation } from '@drover/verify';
import type { Work } from '../tasks/choose.js';
import type { WorkResult } from '../tasks/kinds.js';
import type { Call, ClientHistory } from './history.js';

type Ending = Pick<Operation, 'outcome'> & Partial<Operation>;

/** Reads the end of a task that is durable. */
export async function readResult(history: ClientHistory, name: string, task: Task): Promise<void> {
  const call = history.begin('result', name, { id: task.id });
  try {
    call.ok(succeeded(await task.result()));
  } catch (error) {
    if (error instanceof TaskFailedError) call.ok({ outcome: 'failed', error: error.failure });
    else if (error instanceof TaskCancelledError) call.ok({ outcome: 'cancelled' });
    else if (error instanceof TaskNotFoundError) call.fail(error);
    else call.info(error);
  }
}

/** Everything that a client does with a task once it is durable. */
export async function follow(history: ClientHistory, work: Work, task: Task): Promise<void> {
  const name = work.input.payload.task;
  const reading = readResult(history, name, task);
  const { cancelAfterMs, readAgainAfterMs } = work;
  await Promise.all([
    reading,
    cancelAfterMs === null ? null : delay(cancelAfterMs).then(() => cancel(history, name, task)),
  ]);
  if (readAgainAfterMs === null) return;
  await delay(readAgainAfterMs);
  await readResult(history, name, task);
}

async function cancel(history: ClientHistory, name: string, task: Task): Promise<void> {
  const call = history.begin('cancel', name, { id: task.id });
  try {
    const { ok, state, message } = await task.cancel();
    // Refused: it had ended before, or is not known any more.
    if (ok) call.ok({ value: { state } });
    else call.fail(message ?? 'refused');
  } catch (error) {
    // No leader in time, or no answer: it may still be carried out.
    call.info(error);
  }
}

/** A task of `run` that has ended: durable, and its result read. */
export function tellFinished(history: ClientHistory, name: string, submit: Call, done: FinishedTask): void {
  submit.ok({ id: done.id });
  history.begin('result', name, { id: done.id }).ok({ ...endingOf(done), attempt: done.attempt });
}

function endingOf(done: FinishedTask): Ending {
  if (done.state === 'succeeded') return succeeded(done.result);
  return done.state === 'failed' ? { outcome: 'failed', error: done.error } : { outcome: 'cancelled' };
}

function succeeded(result: unknown): Ending {
  return { outcome: 'succeeded', attempt: (result as WorkResult).attempt, value: result };
}
