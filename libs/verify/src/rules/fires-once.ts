import { gridTimes, periodsOf, type Period } from '../nominal-times.js';
import type { Effect } from '../history.js';
import { fireOf, type Subject } from '../subjects.js';
import { startsOf, type TaskHistory } from '../task-history.js';
import type { Change } from '../definitions.js';
import type { Run, SubjectFinding, SubjectRule } from './rule.js';

/**
 * Runs are matched with the nominal times that the schedule names. Two periods are known of each definition: the one in
 * which it was certainly in force, and the one in which it may have been, because a call takes time.
 */
export const firesOnce: SubjectRule = {
  name: 'each time fires once',
  says: 'no time of a schedule has two tasks, none has one that the schedule does not name, and what did not fire was told',
  of: 'schedule',
  needs: ['definitions'],
  nothing: 'no schedule was set, and none fired',
  judge({ name, tasks }, run) {
    const changes = run.definitions.schedule(name);
    if (changes.length === 0) return undefinedSchedule(tasks);
    const fires = tasks.flatMap(firesIn);
    const named = periodsOf(
      changes.filter(({ op }) => op !== 'told'),
      run.settings,
    );
    return twice(fires) ?? unnamed(fires, named) ?? untold(fires, changes, run) ?? 'held';
  },
};

interface Fire {
  id: string;
  nominal: number;
  /** Whether the schedule fired it by itself. */
  isTimed: boolean;
  start: Effect;
  task: TaskHistory;
}

function firesIn(task: TaskHistory): Fire[] {
  const fire = fireOf(task);
  return startsOf(task).flatMap((start) => {
    if (fire === undefined) return [];
    const isTimed = fire.kind === 'time' || fire.kind === 'catch-up';
    return { id: fire.id, nominal: Date.parse(fire.nominal), isTimed, start, task };
  });
}

function undefinedSchedule(tasks: Subject['tasks']): SubjectFinding | 'unconcerned' {
  const [first] = tasks;
  const at = first?.effects[0]?.at;
  if (first === undefined || at === undefined) return 'unconcerned';
  return { at, what: 'it fired, and nobody set it', tasks: [first] };
}

/** A start has the id of its task; several attempts of one have the same. */
function twice(fires: readonly Fire[]): SubjectFinding | undefined {
  const seen = new Map<string, Fire>();
  for (const fire of fires) {
    const key = fire.isTimed ? String(fire.nominal) : fire.id;
    const other = seen.get(key);
    seen.set(key, fire);
    if (other === undefined || idOf(other) === idOf(fire)) continue;
    const what = `${fire.id} has two tasks: ${idOf(other)} and ${idOf(fire)}`;
    return { at: Math.max(other.start.at, fire.start.at), what, tasks: [...new Set([other.task, fire.task])] };
  }
  return undefined;
}

const idOf = ({ start, task }: Fire): string => start.id ?? task.task;

function unnamed(fires: readonly Fire[], periods: readonly Period[]): SubjectFinding | undefined {
  for (const { nominal, isTimed, id, start, task } of fires) {
    if (!isTimed) continue;
    const isNamed = periods.some(
      ({ line, possible: { from, to } }) =>
        nominal > from && nominal <= to && gridTimes(line, nominal - 1, nominal).length > 0,
    );
    if (!isNamed)
      return { at: start.at, what: `${id} fired, and the schedule did not name that time then`, tasks: [task] };
  }
  return undefined;
}

/** Times that did not fire, against the counts of those of which the schedule says that they did not. */
function untold(fires: readonly Fire[], all: readonly Change[], { settings }: Run): SubjectFinding | undefined {
  const last = all.findLastIndex(({ op, done }) => op === 'told' && done !== undefined);
  const changes = last === -1 ? all : all.slice(0, last + 1);
  const told = all[last]?.line;
  const since = periodsOf(changes, settings);
  const periods = since.filter(({ life }) => life === since.at(-1)?.life);
  const begun = new Set(fires.filter(({ isTimed }) => isTimed).map(({ nominal }) => nominal));
  const certain = periods.flatMap(({ line, certain: { from, to } }) => gridTimes(line, from, to));
  const gaps = certain.filter((nominal) => !begun.has(nominal));
  const at = told?.at ?? changes.at(-1)?.asked.at ?? 0;
  const finding = (what: string): SubjectFinding => ({ at, what, tasks: [] });
  const [first] = gaps;
  if (told === undefined) {
    if (first === undefined || !periods.every(({ line }) => firesAlways(line))) return undefined;
    return finding(`${isoOf(first)} never fired, nor did ${gaps.length - 1} more times`);
  }
  const { fired = 0, skipped = 0, missed = 0, excluded = 0 } = told;
  const unfired = skipped + missed + excluded;
  if (first !== undefined && gaps.length > unfired && periods.every(({ line }) => startsWhatItFires(line)))
    return finding(
      `${gaps.length} times did not fire, the first ${isoOf(first)}, and it tells of ${unfired} skipped, missed and excluded ones`,
    );
  const byHand = new Set(fires.filter(({ isTimed }) => !isTimed).map(({ id }) => id)).size;
  if (begun.size + byHand > fired) return finding(`${begun.size + byHand} fires began, and it tells of ${fired}`);
  const possible = periods.flatMap(({ line, possible: { from, to } }) => gridTimes(line, from, to)).length;
  const sum = fired + unfired;
  if (sum >= certain.length && sum - byHand <= possible) return undefined;
  return finding(`it tells of ${sum} times, there were ${certain.length} to ${possible + byHand}`);
}

/** Nothing is skipped, and nothing is missed that was due in the last day. */
const firesAlways = ({ overlap, catchUp }: Period['line']): boolean =>
  catchUp === 'all' && (overlap === 'allow' || overlap === 'buffer-all');
/** A fire that is cancelled for a newer one may never begin. */
const startsWhatItFires = ({ overlap }: Period['line']): boolean =>
  overlap !== 'cancel-other' && overlap !== 'terminate-other';

const isoOf = (time: number): string => new Date(time).toISOString();
