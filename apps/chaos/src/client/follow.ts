import { setTimeout as delay } from 'node:timers/promises';
import { TaskCancelledError, TaskFailedError, TaskNotFoundError, type FinishedTask } from '@drover/client';
import type { Operation } from '@drover/verify';
import type { Work } from '../tasks/choose.js';
import type { WorkResult } from '../tasks/kinds.js';
import type { Call, ClientHistory } from './history.js';
import type { Submitted } from './submitter.js';

type Ending = Pick<Operation, 'outcome'> & Partial<Operation>;

/** Reads the end of a task that is durable. */
export async function readResult(
  history: ClientHistory,
  name: string,
  task: Pick<Submitted, 'id' | 'result'>,
): Promise<void> {
  const call = history.begin('result', name, { id: task.id });
  try {
    call.ok(succeeded(name, await task.result()));
  } catch (error) {
    if (error instanceof TaskFailedError) call.ok({ outcome: 'failed', error: error.failure });
    else if (error instanceof TaskCancelledError) call.ok({ outcome: 'cancelled' });
    else if (error instanceof TaskNotFoundError) call.fail(error);
    else call.info(error);
  }
}

/** Everything that a client does with a task once it is durable. */
export async function follow(history: ClientHistory, work: Work, task: Submitted): Promise<void> {
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

async function cancel(history: ClientHistory, name: string, task: Submitted): Promise<void> {
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
  // No attempt of a task that expired ever began.
  const attempt = done.attempt > 0 ? { attempt: done.attempt } : {};
  history.begin('result', name, { id: done.id }).ok({ ...endingOf(name, done), ...attempt });
}

function endingOf(name: string, done: FinishedTask): Ending {
  if (done.state === 'succeeded') return succeeded(name, done.result);
  return done.state === 'failed' ? { outcome: 'failed', error: done.error } : { outcome: 'cancelled' };
}

/** A superseded task has the result of the one that ran in its place: that one names itself. */
function succeeded(name: string, value: unknown): Ending {
  const { attempt, task } = value as WorkResult;
  return { outcome: 'succeeded', attempt, value, ...(task === name ? {} : { by: task }) };
}
