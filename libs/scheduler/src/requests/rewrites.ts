import { parseTaskId, RecordError, type BatchId, type TaskId } from '@drover/core';
import type { TaskReply } from '@drover/planner';
import { batchPath, decodeBatch, decodeResult, resultPath, type CommandAnswer } from '@drover/protocol';
import { childrenNow } from '../facts/found-results.js';
import { readable } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import type { TaskAddress } from './requests.decide.js';

/**
 * Requests that write a batch anew: purges and moves. The planner takes them for done at once, so whether the batch can be read is
 * found out before it is asked. Requests are carried out one after the other, and only the leader writes batches.
 */

type Answers = NonNullable<CommandAnswer['tasks']>;

/** Why batches cannot be read: somebody wrote into them, or a later release did. */
export async function whyUnreadable(
  context: TermContext,
  batches: ReadonlySet<BatchId>,
): Promise<ReadonlyMap<BatchId, string>> {
  const problems = new Map<BatchId, string>();
  for (const batch of batches) {
    const path = batchPath(batch);
    const znode = await readable(context, path, context.zk.get(path));
    const problem = znode === null ? `${path} is gone, or closed` : problemOf(context, path, znode.data);
    if (problem !== null) problems.set(batch, problem);
  }
  return problems;
}

function problemOf(context: TermContext, path: string, data: Uint8Array): string | null {
  try {
    decodeBatch(path, data);
    return null;
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    reportInvalid(context, path, error);
    return error.message;
  }
}

/** Asks about the tasks of the other batches. One reply for each task, in their order. */
export function withoutUnreadable(
  tasks: readonly TaskAddress[],
  unreadable: ReadonlyMap<BatchId, string>,
  ask: (tasks: TaskAddress[]) => TaskReply[],
): TaskReply[] {
  if (unreadable.size === 0) return ask([...tasks]);
  const replies = ask(tasks.filter(({ batch }) => !unreadable.has(batch)));
  return tasks.map(({ batch }): TaskReply => {
    const message = unreadable.get(batch);
    const reply = message === undefined ? replies.shift() : { ok: false, state: 'unreadable', message };
    return reply ?? { ok: false, state: 'unknown' };
  });
}

export const answerOf = (tasks: Answers): CommandAnswer => ({ ok: tasks.every(({ ok }) => ok), tasks });

/** Of a purge that is repeated: a task that is no more was purged. */
export const purgedBefore = (tasks: Answers): Answers =>
  tasks.map(({ task, ok, state, ...rest }) =>
    !ok && state === 'unknown' ? { task, ok: true, state: 'purged' } : { task, ok, state, ...rest },
  );

/** Of a move that is repeated: a task that goes on as another one was moved. */
export async function movedBefore(context: TermContext, tasks: Answers): Promise<Answers> {
  const answers: Answers = [];
  for (const answer of tasks) {
    const winner = !answer.ok && answer.state === 'cancelled' ? await winnerOf(context, answer.task) : null;
    answers.push(winner === null ? answer : { task: answer.task, ok: true, state: 'cancelled', moved: winner });
  }
  return answers;
}

/** The task that runs in the place of this one; `null`: there is none, or it is not known. */
async function winnerOf(context: TermContext, task: TaskId): Promise<TaskId | null> {
  const { batch = '', index = 0 } = parseTaskId(task) ?? {};
  for (const name of await childrenNow(context, batch)) {
    const path = resultPath(batch, name);
    const znode = await readable(context, path, context.zk.get(path));
    if (znode === null) continue;
    try {
      const end = decodeResult(path, znode.data).ends.find((each) => each.index === index);
      if (end !== undefined && end.line !== null && 'winner' in end.line) return end.line.winner;
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      reportInvalid(context, path, error);
    }
  }
  return null;
}
