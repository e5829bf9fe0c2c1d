import { scoped } from '../access/caller.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import type { Handlers } from './handler.js';
import { filterOf } from './tasks.js';

/** The leader tells its failures to every replica: each answers from memory. */
export const failureHandlers: Handlers = {
  listFailures: async ({ query, caller }, { live, runtime }) => {
    const { q, limit, cursor } = query as { q: string; limit: number; cursor?: string };
    const list = ['failures', q];
    // The list grows at its beginning: a page begins behind the failures that were shown, by their time.
    const [until, skip] = placeOf(readCursor(cursor, list));
    const filter = scoped(filterOf(q), caller);
    const { items, more } = live.failures.page(filter, runtime.now(), { until, skip, limit });
    const last = items.at(-1)?.at ?? 0;
    const shown = items.filter(({ at }) => at === last).length + (until === last ? skip : 0);
    return {
      status: 200,
      json: {
        items,
        next: more ? cursorOf(list, [last, shown]) : null,
        revision: live.revisionFor(caller),
        // More failed at once than the leader tells in detail.
        complete: live.failures.leftOut === 0,
      },
    };
  },
  groupFailures: async ({ query, caller }, { live, runtime }) => {
    const { q, limit } = query as { q: string; limit: number };
    const groups = live.failures.groups(scoped(filterOf(q), caller), runtime.now());
    return {
      status: 200,
      json: {
        items: groups.slice(0, limit),
        next: null,
        revision: live.revisionFor(caller),
        complete: live.failures.leftOut === 0 && groups.length <= limit,
        total: groups.length,
      },
    };
  },
};

/** Until which time, and behind how many of exactly that time. */
function placeOf(place: readonly (string | number | null)[] | null): [until: number | null, skip: number] {
  const [until, skip] = place ?? [];
  return [typeof until === 'number' ? until : null, typeof skip === 'number' ? skip : 0];
}
