import { byWhom, isFinal, RecordError, TaskNotFoundError, type ShownState, type TaskId } from '@drover/core';
import type { TaskView } from '@drover/inspect';
import type { WhyRecord } from '@drover/protocol';
import { CommandRefusedError, CommandTimeoutError, NoLeaderError, ReadOnlyDriverError } from '../errors.js';
import { command, type CommandContext } from './command.js';

/** Why a task is not running, or a run of a flow has not ended. Times are milliseconds since 1970. */
export interface WhyView {
  /** Its id, or that of the run. */
  task: TaskId;
  /** It is a run. */
  isRun?: true;
  /** Of a run also `waiting` (for its turn), and `unknown` where no leader answered. */
  state: ShownState | 'waiting' | 'unknown';
  /** The reason to mend first, in one sentence. */
  sentence: string;
  /**
   * Every reason, in the order in which the leader looks at them; `blocking`: as long as it holds the task is not
   * handed out. Each code has numbers of its own: docs/why.md lists them.
   */
  reasons: ({ code: string; blocking: boolean; text: string } & Record<string, unknown>)[];
  /** Its place among the tasks of its queue and type; `null`: it waits for no turn, or no leader answered. */
  line: WhyRecord['line'];
  /** The workers as the task sees them; `null`: it waits for none, or no leader answered. */
  workers: WhyRecord['workers'];
  /** When it fails unless it has been started by then (`expires`). Absent: it does not, or it has been started. */
  expiresAt?: number;
  /** When it fails unless it has ended by then (`deadline`). */
  deadlineAt?: number;
  /** When the leader looked; `null`: no leader answered, this is what the znodes tell. */
  asOf: number | null;
}

/**
 * Asks the leader, which alone knows what it decides. If no leader answers, or one that does not know the question, the
 * view says so and tells what can be read from the znodes. `get`: as `Drover.get`; throws what it throws. `isRun`: the id is that of
 * a run.
 */
export async function why(
  id: TaskId,
  {
    get,
    isRun,
    context,
  }: { get: () => Promise<TaskView>; isRun: () => Promise<boolean>; context: () => CommandContext },
): Promise<WhyView> {
  const task = await get().catch(async (error: unknown) => {
    if (error instanceof TaskNotFoundError && (await isRun())) return null;
    throw error;
  });
  if (task === null) return whyRun(id, context());
  if (isFinal(task.state)) return ended(task);
  if (task.state === 'unreadable') return byZnodes(task, 'unreadable', task.reason ?? 'its batch cannot be read');
  try {
    const answer = await command({ kind: 'why', task: id }, context());
    if (answer.why === undefined) return byZnodes(task, 'leader-older', OLDER);
    const later = hasEnded(answer.why) ? await get() : task;
    return isFinal(later.state) ? ended(later) : byLeader(later, answer.why);
  } catch (error) {
    const [code, text] = unanswered(error);
    return byZnodes(await get(), code, text);
  }
}

/** `ended`: succeeded or cancelled; the leader does not remember which of the two. */
const hasEnded = ({ state }: WhyRecord): boolean => state === 'ended' || isFinal(state as ShownState);

/** How far a run is only the leader knows. */
async function whyRun(id: TaskId, context: CommandContext): Promise<WhyView> {
  const run = { task: id, isRun: true, line: null, workers: null } as const;
  const unexplained = (code: string, text: string): WhyView => {
    const reasons = [{ code, blocking: code === 'no-leader', text }];
    return { ...run, state: 'unknown', sentence: text, reasons, asOf: null };
  };
  try {
    const { why: told } = await command({ kind: 'why', task: id }, context);
    if (told === undefined) return unexplained('leader-older', OLDER);
    const { state, reasons, asOf } = told;
    return { ...run, state: state as WhyView['state'], sentence: sentenceOf(reasons), reasons, asOf };
  } catch (error) {
    return unexplained(...unanswered(error));
  }
}

/** The reason to mend first. */
const sentenceOf = (reasons: WhyRecord['reasons']): string =>
  (reasons.find(({ blocking }) => blocking) ?? reasons[0])?.text ?? '';

const OLDER = "the leader is of a release that does not know 'why': upgrade the schedulers";

/** The reason why the leader gave no view. Throws `error` if it is of another kind. */
function unanswered(error: unknown): [code: string, text: string] {
  if (error instanceof NoLeaderError) return ['no-leader', error.message];
  if (error instanceof CommandTimeoutError) return ['leader-silent', error.message];
  // An older leader cannot read the request, and gives it back as text beside its answer.
  if (error instanceof RecordError) return ['leader-older', OLDER];
  if (error instanceof CommandRefusedError) return ['leader-refused', error.message];
  if (error instanceof ReadOnlyDriverError) return ['read-only', error.message];
  throw error;
}

function byLeader(task: TaskView, { state, reasons, line, workers, asOf }: WhyRecord): WhyView {
  const isCloser = state === 'ended' || (state === 'assigned' && task.state === 'running');
  const shown = isCloser ? task.state : (state as ShownState);
  return { ...of(task), state: shown, sentence: sentenceOf(reasons), reasons, line, workers, asOf };
}

function byZnodes(task: TaskView, code: string, text: string): WhyView {
  if (isFinal(task.state)) return ended(task);
  const known = code === 'unreadable' || task.reason === undefined ? [] : [{ ...SEEN, text: task.reason }];
  const reasons = [{ code, blocking: code === 'no-leader' || code === 'unreadable', text }, ...known];
  return { ...of(task), sentence: text, reasons, line: null, workers: null, asOf: null };
}
const SEEN = { code: 'seen-in-znodes', blocking: false } as const;

function ended(task: TaskView): WhyView {
  const text = `the task has ended: ${task.state}${howOf(task)}`;
  const reasons = [{ code: 'task-ended', blocking: true, text, state: task.state }];
  return { ...of(task), sentence: text, reasons, line: null, workers: null, asOf: null };
}

/** The rule by which the task ended, in words. */
function howOf({ state, attempt, maxAttempts, history, error }: TaskView): string {
  const last = history.at(-1);
  if (state === 'failed') {
    const isLeaders = last?.outcome === 'expired' || last?.outcome === 'exceeded' || last?.outcome === 'refused';
    if (isLeaders) return `, ${error?.name ?? last.outcome}: ${error?.message ?? ''}`;
    if (last?.outcome === 'rejected') return ', its handler rejected it';
    if (last?.outcome === 'lost') return ', its workers died while they ran it';
    return `, attempt ${attempt} of ${maxAttempts} was the last`;
  }
  return state === 'cancelled' ? byWhom(last) : '';
}

const of = ({ id, state, expiresAt, deadlineAt }: TaskView) => ({
  task: id,
  state,
  ...(expiresAt === undefined ? {} : { expiresAt }),
  ...(deadlineAt === undefined ? {} : { deadlineAt }),
});
