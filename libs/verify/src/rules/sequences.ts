import { besideEachOther, runOf, type Span } from '../attempts.js';
import { isBefore, placeOf, type Place } from '../order.js';
import { submitOf } from '../subjects.js';
import { endsTold, type TaskHistory } from '../task-history.js';
import type { SubjectFinding, SubjectRule } from './rule.js';

type Placed = Span & { place: Place };

export const sequences: SubjectRule = {
  name: 'sequences run in order',
  says: 'tasks of a sequence begin in the order of their submits, each when the one before has ended with all its attempts',
  of: 'sequence',
  needs: [],
  nothing: 'nothing of a sequence began',
  judge({ tasks }, run) {
    const spans = tasks.flatMap((task) => runOf(task) ?? []).map((span) => ({ ...span, place: placeOf(span.task) }));
    if (spans.length === 0) return 'unconcerned';
    const [earlier, later] = besideEachOther(spans, run) ?? [];
    if (earlier !== undefined && later !== undefined) {
      const what = `${later.task.task} began before ${earlier.task.task} had ended`;
      return { at: later.from, what, tasks: [earlier.task, later.task] };
    }
    return outOfOrder(spans) ?? pastFailure(spans, tasks) ?? 'held';
  },
};

/** Only neighbours in time are compared, each with the newest that began before it. */
function outOfOrder(spans: readonly Placed[]): SubjectFinding | undefined {
  let newest: Placed | undefined;
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    if (newest !== undefined && isBefore(span.place, newest.place)) {
      const what = `${span.task.task} was submitted before ${newest.task.task}, and began after it`;
      return { at: span.from, what, tasks: [newest.task, span.task] };
    }
    newest = span;
  }
  return undefined;
}

/** With `block` nothing begins behind a task that failed, until it is retried or cancelled. */
function pastFailure(spans: readonly Placed[], tasks: readonly TaskHistory[]): SubjectFinding | undefined {
  for (const failed of tasks) {
    const told = endsTold(failed).find(({ outcome }) => outcome === 'failed');
    const isLifted = failed.operations.some(({ op, type }) => op === 'cancel' && type !== 'fail');
    if (submitOf(failed)?.onFailure !== 'block' || told === undefined || isLifted) continue;
    const place = placeOf(failed);
    const next = spans.find((span) => isBefore(place, span.place));
    if (next !== undefined)
      return {
        at: next.from,
        what: `${next.task.task} began behind ${failed.task}, which failed and blocks`,
        tasks: [failed, next.task],
      };
  }
  return undefined;
}
