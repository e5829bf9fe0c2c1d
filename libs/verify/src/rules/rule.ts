import type { Definitions } from '../definitions.js';
import type { Fault } from '../faults.js';
import type { Effect, HistoryName, Sample } from '../history.js';
import type { Settings } from '../settings.js';
import type { Subject, SubjectKind } from '../subjects.js';
import { startsOf, type HistoryLine, type TaskHistory } from '../task-history.js';

/** The part of a run that belongs to no single task. */
export interface Run {
  settings: Readonly<Settings>;
  /** Histories that were given; rules that need another are not checked. */
  given: ReadonlySet<HistoryName>;
  /** The faults in the order of their begins. */
  faults: readonly Fault[];
  /** The samples in the order of time. */
  samples: readonly Sample[];
  /** The schedules, limits and weights that were set, and when. */
  definitions: Definitions;
  /** The longest that a task waited for its first start while nothing was done to the system. */
  calmWaitMs: number;
}

/** A fault, and the time since when it lasts. */
export interface Finding {
  at: number;
  what: string;
}

export interface Violation extends Finding {
  /** Absent where it is of no single task. */
  task?: string;
  /** All lines of the task, or those around it, in the order of time. */
  history: HistoryLine[];
}

interface Described {
  name: string;
  /** The law, in a sentence. */
  says: string;
  /** The histories that the rule needs besides operations and effects. */
  needs: readonly HistoryName[];
  /** Why nothing was checked, where the histories hold nothing that it concerns. */
  nothing: string;
}

/** A law of each task by itself. */
export interface TaskRule extends Described {
  /** The first thing wrong; `held`; or `unconcerned`: the law says nothing about this task. */
  judge(task: TaskHistory, run: Run): Finding | 'held' | 'unconcerned';
}

/** Judges each start of a task beside the one before it. `faultOf`: what is wrong with `next`; `undefined`: nothing. */
export function judgeStarts(
  task: TaskHistory,
  faultOf: (before: Effect, next: Effect) => string | undefined,
): ReturnType<TaskRule['judge']> {
  const starts = startsOf(task);
  for (const [index, next] of starts.entries()) {
    const before = starts[index - 1];
    const what = before === undefined ? undefined : faultOf(before, next);
    if (what !== undefined) return { at: next.at, what };
  }
  return starts.length === 0 ? 'unconcerned' : 'held';
}

/** A law of all tasks together that share something. */
export interface SubjectRule extends Described {
  of: SubjectKind;
  /** The first thing wrong, and the tasks that show it; `held`; or `unconcerned`. */
  judge(subject: Subject, run: Run): SubjectFinding | 'held' | 'unconcerned';
}
export interface SubjectFinding extends Finding {
  tasks: readonly TaskHistory[];
}

/** A law of the run as a whole. */
export interface RunRule extends Described {
  judge(run: Run, throughput: Throughput): RunJudgement;
}

export interface RunJudgement {
  checked: number;
  violations: Violation[];
  /** Why it could not be checked, although the histories are there. */
  reason?: string;
}

/** How much was done when, for rules of the run. */
export interface Throughput {
  /** Handlers that ended from `from` (included) to `to` (excluded), to a tenth of a second. */
  endsIn(from: number, to: number): number;
  /** Infinity where nothing ended. */
  firstEndAt: number;
  /** -Infinity where nothing was submitted. */
  lastSubmitAt: number;
}

/** How long after its cause a session may still be expired. */
export const expiryMs = ({ sessionTimeoutMs, tickMs }: Settings): number => sessionTimeoutMs + tickMs;

export const inMs = (ms: number): string => `${Math.round(ms * 10) / 10} ms`;
