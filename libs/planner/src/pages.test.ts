import { parseFilter } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { assigned, decide, decideAll, one, world } from '../test/decide.js';
import { anyHistory, live, STEPS, type Step } from '../test/history.js';
import type { World } from '../test/world.js';
import { LOOKS, type Page, type PageBudget, type PageCursor, type PageRequest } from './pages.js';
import type { TaskRow } from './task-seen.js';
import { stateAt } from './views.js';

/** Its clock ticks each time that somebody looks at it. */
function ticking(ms: number): PageBudget {
  let now = 0;
  return { ms, clock: () => now++ };
}

const FILTERS = {
  '': () => true,
  'state:pending': ({ state }) => state === 'pending',
  'state:succeeded,cancelled': ({ state }) => ['succeeded', 'cancelled', 'ended'].includes(state),
  '-state:pending,succeeded': ({ state }) => !['pending', 'succeeded'].includes(state),
  'state:running': ({ state }) => state === 'assigned',
  'queue:q type:t': ({ queue, type }) => queue === 'q' && type === 't',
  'queue:r*,s state:failed,retrying': ({ queue, state }) =>
    ['r', 's'].includes(queue) && ['failed', 'retrying'].includes(state),
  'worker:w1,w0': ({ worker }) => worker === 'w0' || worker === 'w1',
  'worker:w* -type:u': ({ worker, type }) => worker !== null && type !== 'u',
  'key:*': ({ key }) => key !== null,
} satisfies Record<string, (task: Seen) => boolean>;

type Seen = Pick<TaskRow, 'batch' | 'index' | 'queue' | 'type' | 'state' | 'key'> & { worker: string | null };

/** By a look at everything, in the order of a page. */
function lookAtAll({ state }: World, filter: keyof typeof FILTERS, order: PageRequest['order']): string[] {
  const found: Seen[] = [];
  for (const batch of state.batches.values())
    for (let index = 0; index < batch.count; index++) {
      const { type, key: guarded, unique } = batch.groupAt(index);
      const key = guarded ?? unique?.key ?? null;
      const worker = state.assignments.bySeq(batch.table?.holder(index) ?? 0)?.fact.worker ?? null;
      const seen = { batch: batch.id, index, queue: batch.queueName, type, key, worker, state: stateAt(batch, index) };
      if (FILTERS[filter](seen)) found.push(seen);
    }
  found.sort((a, b) => (a.batch === b.batch ? a.index - b.index : a.batch < b.batch ? -1 : 1));
  return (order === 'oldest' ? found : found.reverse()).map(nameOf);
}

const nameOf = ({ batch, index }: { batch: string; index: number }): string => `${batch}.${index}`;

/** All rows, page by page. `between`: after each call; answers where to go on. */
function pageThrough(
  { planner }: { planner: () => World['planner'] },
  request: PageRequest,
  ms: number,
  between: (page: Page) => PageCursor | null = ({ next }) => next,
): string[] {
  const rows: string[] = [];
  let cursor: PageCursor | null = null;
  do {
    const page: Page = planner().page(request, cursor, ticking(ms));
    if (page.rows.length > request.limit) throw new Error(`${page.rows.length} rows`);
    if (!page.complete && (page.rows.length > 0 || page.next === null)) throw new Error('no way to go on');
    rows.push(...page.rows.map(nameOf));
    cursor = between(page);
  } while (cursor !== null);
  return rows;
}

/** More than one look at the clock. */
function fill(w: World): void {
  for (let n = 0; n < 3 * LOOKS; n++) w.submit(n % 2 === 0 ? 'q' : 's', [{ type: n % 3 === 0 ? 't' : 'u' }]);
}

const anyRequest = fc.record({
  filter: fc.constantFrom(...(Object.keys(FILTERS) as (keyof typeof FILTERS)[])),
  order: fc.constantFrom('oldest', 'newest'),
  limit: fc.integer({ min: 1, max: 40 }),
  ms: fc.integer({ min: 0, max: 6 }),
});

testProp(
  'pages show what a look at everything shows, in order, also after another leader has read it',
  [anyHistory, anyRequest, fc.boolean()],
  (t, any, { filter, order, limit, ms }, takesOver) => {
    const { world: w } = live(any);
    fill(w);
    w.deliver();
    w.plan();
    if (takesOver) {
      w.takeOver();
      w.plan();
    }
    const request: PageRequest = { filter: parseFilter(filter), order, limit, now: w.now };
    const rows = pageThrough({ planner: () => w.planner }, request, ms);
    t.deepEqual(rows, lookAtAll(w, filter, order));
  },
  { numRuns: 100 },
);

testProp(
  'while tasks come, change and go, no page repeats a task, and none leaves out one that was there all the time',
  [anyHistory, anyRequest, fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 200, size: 'max' })],
  (t, any, { filter, order, limit, ms }, steps) => {
    const history = live(any);
    const { world: w } = history;
    fill(w);
    w.deliver();
    const request: PageRequest = { filter: parseFilter(filter), order, limit, now: w.now };
    let always = lookAtAll(w, filter, order);
    const left: Step[] = [...steps];
    const rows = pageThrough({ planner: () => w.planner }, request, ms, ({ next }) => {
      for (const step of left.splice(0, 3)) {
        history.step(step);
        const now = new Set(lookAtAll(w, filter, order));
        always = always.filter((task) => now.has(task));
      }
      return next;
    });
    t.is(new Set(rows).size, rows.length, 'no task is shown twice');
    const shown = new Set(rows);
    t.deepEqual(
      always.filter((task) => !shown.has(task)),
      [],
    );
  },
  { numRuns: 100 },
);

test('a call looks at no more than its budget allows, and the walk goes on where it was', (t) => {
  const w = world();
  for (let n = 0; n < 40; n++) w.submit('q', [{ count: 100 }]);
  w.submit('rare', [{ count: 500, delayMs: 1_000 }]);
  w.deliver();
  const request: PageRequest = { filter: parseFilter('state:scheduled'), order: 'oldest', limit: 100, now: w.now };
  const calls: Page[] = [];
  const rows = pageThrough({ planner: () => w.planner }, request, 5, (page) => {
    calls.push(page);
    return page.next;
  });
  t.is(rows.length, 500);
  for (const { scanned } of calls) t.true(scanned <= 5 * (LOOKS + 1), String(scanned));
  const unfinished = calls.filter(({ complete }) => !complete);
  t.true(unfinished.length > 10, 'the walk is longer than one call');
  const [first] = calls;
  const again = w.planner.page(request, { after: first?.next?.after ?? null }, ticking(10_000));
  t.deepEqual(again.rows.map(nameOf), rows.slice(0, 100), 'the key alone begins the walk anew');
  const looks = calls.reduce((sum, { scanned }) => sum + scanned, 0);
  t.true(looks < 6 * (4_000 + 500 + 41) + 5 * 600, `${looks} looks for five pages`);
});

test('a row says what the planner remembers', (t) => {
  const w = world();
  w.join('w1', { capacity: 1 });
  const batch = w.submit('q', [
    { count: 2, maxAttempts: 2 },
    { delayMs: 5_000, key: 'k' },
  ]);
  const [first] = assigned(decide(w));
  w.report(first?.id ?? '', [one(0, 'failed')], true);
  w.deliver();
  w.now += 60_000;
  decideAll(w);
  const request: PageRequest = { filter: [], order: 'oldest', limit: 10, now: w.now };
  const { rows, next, complete } = w.planner.page(request, null, ticking(100));
  t.is(next, null);
  t.true(complete);
  t.deepEqual(
    rows.map(({ index, state, workerId, key }) => [index, state, workerId, key]),
    rows.map((row) => [
      row.index,
      w.planner.stateOf({ batch, index: row.index }),
      row.workerId,
      row.index === 2 ? 'k' : null,
    ]),
  );
  const out = rows.find(({ state }) => state === 'assigned');
  t.like(out, { batch, queue: 'q', type: 't', workerId: 'w1', assignedAt: w.now, finishedAt: null, dueAt: null });
  const attempts = (filter: string): number[] =>
    w.planner.page({ ...request, filter: parseFilter(filter) }, null, ticking(100)).rows.map(({ attempt }) => attempt);
  t.true(attempts('attempt:>=1').every((attempt) => attempt >= 1));
  t.deepEqual(attempts('until:1970-01-01'), []);
  t.is(attempts(`batch:${batch} since:1970-01-01`).length, 3);
  t.is(attempts(`id:${batch}.1`).length, 1);
  t.is(attempts('batch:nosuch').length, 0);
});

test('a walk that is under way shows nothing that was removed meanwhile, and none of an earlier term goes on', (t) => {
  const w = world();
  fill(w);
  w.deliver();
  const request: PageRequest = { filter: [], order: 'oldest', limit: 3, now: w.now };
  const shown = (cursor: PageCursor | null): string[] =>
    w.planner.page(request, cursor, ticking(100)).rows.map(({ batch }) => batch);
  const { next } = w.planner.page(request, null, ticking(0));
  t.truthy(next?.walk);
  w.planner.batchGone('B00000');
  t.deepEqual(shown(next), ['B00001', 'B00002', 'B00003']);
  w.takeOver();
  w.planner.batchGone('B00002');
  t.deepEqual(shown(next), ['B00000', 'B00001', 'B00003']);
});
