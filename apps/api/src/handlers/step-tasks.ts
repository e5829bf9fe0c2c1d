import type { Questions } from '@drover/api';
import { filterTerm, type Filter } from '@drover/core';
import { scopeOf, scoped } from '../access/caller.js';
import { ApiError } from '../api-error.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import { param } from './asked.js';
import { seenRun } from './flows.js';
import type { Handlers } from './handler.js';
import { rowsOf } from './tasks.js';

interface Query {
  limit: number;
  cursor?: string;
  state?: NonNullable<Questions['stepTasks']['ask']['state']>;
}

/** The leader's book of flows says which tasks a step has, its planner how they are. */
export const stepTaskHandlers: Handlers = {
  listStepTasks: async (asked, context) => {
    const { run } = await seenRun(asked, context);
    const step = param(asked, 'step');
    const { limit, cursor, state = null } = asked.query as unknown as Query;
    const list = ['step-tasks', run, step, state, scopeOf(asked.caller)];
    const place = readCursor(cursor, list)?.[0];
    const from = typeof place === 'number' ? place : 0;
    const found = await context.askLeader('stepTasks', { run, step, state, from, limit });
    if (found === 'unknown')
      throw new ApiError('not-found', `the run ${run} has no step ${JSON.stringify(step.slice(0, 80))}`);
    const { tasks, next } = found;
    const filter = scoped(filterOfIds(tasks.map(({ id }) => id)), asked.caller);
    const page = { filter, order: 'newest', limit, after: null, walk: null } as const;
    const { rows, complete } = tasks.length === 0 ? { rows: [], complete: true } : await rowsOf(context, page);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const items = tasks.flatMap(({ id, index }) => {
      const row = byId.get(id);
      return row === undefined ? [] : [{ ...row, ...(index === null ? {} : { index }) }];
    });
    const goesOn = complete ? next : from;
    const revision = context.live.revisionFor(asked.caller);
    return {
      status: 200,
      json: { items, next: goesOn === null ? null : cursorOf(list, [goesOn]), revision, complete },
    };
  },
};

/** With their batches, so that nobody walks over others. */
const filterOfIds = (ids: readonly string[]): Filter => [
  filterTerm('batch', [...new Set(ids.map((id) => id.slice(0, id.indexOf('.'))))].join(',')),
  filterTerm('id', ids.join(',')),
];
