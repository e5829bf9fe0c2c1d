import type { TasksAnswer, TasksAsked } from '@drover/api';
import { InvalidArgumentError, localTask, taskId } from '@drover/core';
import type { PageBudget, PageCursor, TaskName } from '@drover/planner';
import { knownIn, shownRow } from './task-rows.js';
import type { TermView } from './term-view.js';
import type { Walks } from './walks.js';

/** Rows of one answer. */
const MOST_ROWS = 500;

/** A part of a list of tasks, as far as the budget goes. */
export function answerTasks(
  view: TermView,
  walks: Walks<PageCursor>,
  { filter, order, limit, now, after, walk }: TasksAsked,
  { budget, revision }: { budget: PageBudget; revision: string },
): TasksAnswer {
  const behind = after === null ? null : nameOf(after);
  const cursor = (walk === null ? null : walks.take(walk)) ?? { after: behind };
  const request = {
    ...{ filter, now, known: knownIn(view) },
    order: order === 'oldest' ? ('oldest' as const) : ('newest' as const),
    limit: Math.max(1, Math.min(MOST_ROWS, limit)),
  };
  const page = view.planner.page(request, cursor, budget);
  const { next, complete, scanned } = page;
  if (!complete)
    return { rows: [], next: after, complete, walk: next === null ? null : walks.keep(next), scanned, revision };
  const rows = page.rows.map((row) => shownRow(row, view));
  const last = next?.after ?? null;
  return { rows, next: last === null ? null : taskId(last.batch, last.index), complete, walk: null, scanned, revision };
}

/** Throws `InvalidArgumentError`, `UnknownCellError`. */
function nameOf(id: string): TaskName {
  const address = localTask(id);
  if (address === null) throw new InvalidArgumentError('after', id, 'the id of a task');
  return { batch: address.batch, index: address.index };
}
