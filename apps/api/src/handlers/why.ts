import type { schemas, WhyAnswer } from '@drover/api';
import type { TaskView, WhyView } from '@drover/client';
import { DEFAULT_QUEUE, isFinal } from '@drover/core';
import type * as z from 'zod';
import { sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { readRunHeader } from '@drover/inspect';
import { taskOf } from './task-of.js';

type Why = z.input<typeof schemas.why>;

/**
 * Why a task is not running: as `Drover.why`, but the leader is asked directly and not by a command in a znode. Without a
 * leader the view says so.
 */
export async function whyOf(context: ApiContext, id: string, caller: Caller): Promise<Why> {
  const task = await taskOf(context, id, caller).catch(async (error: unknown) => {
    if (error instanceof ApiError && error.code === 'task-not-found' && (await isSeenRun(context, id, caller)))
      return null;
    throw error;
  });
  if (task === null) return whyRun(context, id, caller);
  if (isFinal(task.state) || task.state === 'unreadable') return asked(context, id);
  try {
    const answer = await context.askLeader('why', { task: id });
    // It has ended meanwhile, or the leader has not read its batch yet: the client's own way tells.
    if (answer === 'unknown' || answer.state === 'ended') return await asked(context, id);
    return byLeader(task, whyFor(answer, caller));
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'no-leader' || error.code === 'leader-unreachable'))
      return unanswered(task, error);
    throw error;
  }
}

async function isSeenRun(context: ApiContext, id: string, caller: Caller): Promise<boolean> {
  const run = await context.stored(context.zk().then((zk) => readRunHeader(zk, id)));
  return run !== null && sees(caller, run.header.queue ?? DEFAULT_QUEUE);
}

/** Steps may have queues of their own: callers of some queues are shown no tasks of them. */
async function whyRun(context: ApiContext, id: string, caller: Caller): Promise<Why> {
  const view = await asked(context, id);
  if (caller.queues === null) return view;
  return { ...view, reasons: view.reasons.map(({ tasks: _tasks, ...reason }) => reason) };
}

/** A task that has ended needs no leader; runs are asked about by ZooKeeper. */
const asked = (context: ApiContext, id: string): Promise<WhyView> => context.stored(context.drover.why(id));

/** Reasons without names and counts of queues that the caller may not see. */
function whyFor(answer: WhyAnswer, caller: Caller): WhyAnswer {
  if (caller.queues === null) return answer;
  const isOfOthers = (reason: object): boolean => 'of' in reason && reason.of === 'queues';
  return { ...answer, reasons: answer.reasons.map((reason) => (isOfOthers(reason) ? OTHERS_FIRST : reason)) };
}
const OTHERS_FIRST = {
  code: 'behind-priority',
  blocking: false,
  of: 'queues',
  text: 'queues of a higher priority go first',
} as const;

function byLeader(task: TaskView, { state, reasons, line, workers, asOf }: WhyAnswer): Why {
  const first = reasons.find(({ blocking }) => blocking) ?? reasons[0];
  return {
    ...limits(task),
    task: task.id,
    // Only a worker says that it runs.
    state: task.state === 'running' && state === 'assigned' ? 'running' : state,
    sentence: first?.text ?? '',
    reasons: reasons.map((reason) => ({ ...reason })),
    line: line as Why['line'],
    workers: workers as Why['workers'],
    asOf,
  };
}

function unanswered(task: TaskView, { code, message }: ApiError): Why {
  const seen = task.reason === undefined ? [] : [{ code: 'seen-in-znodes', blocking: false, text: task.reason }];
  const reasons = [
    { code: code === 'no-leader' ? 'no-leader' : 'leader-silent', blocking: code === 'no-leader', text: message },
    ...seen,
  ];
  return {
    ...limits(task),
    task: task.id,
    state: task.state,
    sentence: message,
    reasons,
    line: null,
    workers: null,
    asOf: null,
  };
}

const limits = ({ expiresAt, deadlineAt }: TaskView): Pick<Why, 'expiresAt' | 'deadlineAt'> => ({
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(deadlineAt === undefined ? {} : { deadlineAt }),
});
