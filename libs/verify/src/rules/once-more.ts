import { isBefore, placeOf, type Place } from '../order.js';
import { submitOf, type Subject } from '../subjects.js';
import { acknowledgedAt, endsTold, startsOf, type TaskHistory } from '../task-history.js';
import type { SubjectFinding, SubjectRule } from './rule.js';

interface Submitted {
  task: TaskHistory;
  place: Place;
}

/**
 * A submit is covered by a run of its own task or of one that was submitted after it, for a run is handed out after its
 * own submit. Somebody's cancel, or a task that failed before it began, ends the promise for what was submitted before.
 */
export const onceMore: SubjectRule = {
  name: 'once more: no submit of a key is lost',
  says: 'for each acknowledged submit with a unique mode a run was handed out after it, and its result is that of such a run',
  of: 'key',
  needs: [],
  nothing: 'no submit with mode last, cancel or debounce was acknowledged',
  judge(subject) {
    const all = subject.tasks.map((task) => ({ task, place: placeOf(task) }));
    const promised = all.filter(({ task }) => isPromised(task) && acknowledgedAt(task) !== undefined);
    if (promised.length === 0) return 'unconcerned';
    return uncovered(promised, all) ?? wrongWinner(promised, subject) ?? 'held';
  },
};

const MODES = new Set(['last', 'cancel', 'debounce']);
const modeOf = (task: TaskHistory): string => submitOf(task)?.unique?.mode ?? '';
const isPromised = (task: TaskHistory): boolean => MODES.has(modeOf(task));

function uncovered(promised: readonly Submitted[], all: readonly Submitted[]): SubjectFinding | undefined {
  const covering = newestOf(all.filter(({ task }) => began(task) || wasGivenUp(task)));
  for (const { task, place } of promised) {
    if (covering.some((one) => !isBefore(one, place))) continue;
    const at = acknowledgedAt(task) ?? 0;
    return { at, what: `${task.task} was acknowledged, and nothing of its key was handed out after it`, tasks: [task] };
  }
  return undefined;
}

/** The newest by zxid and the newest by time: if neither is after a submit, none is. */
function newestOf(all: readonly Submitted[]): Place[] {
  const places = all.map(({ place }) => place);
  const byZxid = places
    .filter(({ zxid }) => zxid !== undefined)
    .reduce<Place | undefined>(
      (newest, place) => (newest === undefined || isBefore(newest, place) ? place : newest),
      undefined,
    );
  const byTime = places.reduce<Place | undefined>(
    (newest, place) => (newest === undefined || place.acknowledgedAt > newest.acknowledgedAt ? place : newest),
    undefined,
  );
  return [byZxid, byTime].filter((place) => place !== undefined);
}

const began = (task: TaskHistory): boolean => startsOf(task).length > 0;

/** It was cancelled by hand, or it failed: with it end those that follow to it. */
const wasGivenUp = ({ operations }: TaskHistory): boolean =>
  operations.some(({ op, type, outcome, by }) => {
    if (op === 'cancel') return type !== 'fail';
    return op === 'result' && type === 'ok' && outcome === 'failed' && by === undefined;
  });

/** The result that a superseded task was told is that of a task which was submitted after it, and which ran. */
function wrongWinner(promised: readonly Submitted[], { tasks }: Subject): SubjectFinding | undefined {
  const byName = new Map(tasks.map((task) => [task.task, task]));
  for (const { task, place } of promised) {
    const told = endsTold(task).find(({ by }) => by !== undefined && by !== task.task);
    if (told?.by === undefined) continue;
    const winner = byName.get(told.by);
    const fault = faultOf(task, place, winner);
    if (fault !== undefined)
      return {
        at: told.at,
        what: `${task.task} was told the result of ${told.by}, ${fault}`,
        tasks: [task, winner ?? []].flat(),
      };
  }
  return undefined;
}

function faultOf(task: TaskHistory, place: Place, winner: TaskHistory | undefined): string | undefined {
  if (winner === undefined) return 'of which its key knows nothing';
  if (isBefore(placeOf(winner), place)) return 'which was submitted before it';
  if (!began(winner)) return 'which never began';
  return began(task) && modeOf(task) !== 'cancel' ? 'although it began itself' : undefined;
}
