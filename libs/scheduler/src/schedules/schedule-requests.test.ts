import { Book } from '@drover/schedules';
import test from 'ava';
import type { TermContext } from '../term/term-context.js';
import type { Flows } from '../flows/flows.js';
import { ScheduleRequests, type ScheduleRequest } from './schedule-requests.js';
import type { Schedules, WriteDrafts } from './schedules.js';

const NOW = Date.UTC(2026, 0, 1);
const EMPTY = new Book({
  ...{ retainMs: 1_000, newId: () => 'B', kept: () => [], planOf: () => null },
  zoneData: { version: 'test' },
});
const flows: Pick<Flows, 'withPlans'> = { withPlans: (_given, use) => use(null) };

function requestsWith(
  skewMs: number | null,
  book = EMPTY,
): {
  act: (request: ScheduleRequest) => Promise<unknown>;
  written: number[];
  /** Plans that must be there. */
  plans: string[];
} {
  const written: number[] = [];
  const plans: string[] = [];
  const write: WriteDrafts = (drafts, more) => {
    written.push(drafts.length);
    plans.push(...(more?.plans ?? []));
    return Promise.resolve('applied');
  };
  const schedules = { skewMs, book, exclusively: <T>(work: (write: WriteDrafts) => Promise<T>) => work(write) };
  const context = { clock: { now: () => NOW } };
  const requests = new ScheduleRequests(
    context as unknown as TermContext,
    schedules as unknown as Schedules,
    flows,
    () => null,
  );
  return { act: (request) => requests.act('c', request, {}), written, plans };
}

const set: ScheduleRequest = {
  kind: 'set-schedules',
  schedules: [{ name: 's', spec: { when: [{ every: 1_000 }], run: { type: 't' } } }],
};

test('while the clocks disagree no mark is moved: it would be wrong by as much', async (t) => {
  for (const request of [
    set,
    { kind: 'pause-schedules', names: ['s'], paused: false },
    { kind: 'reset-schedules', names: ['s'] },
  ] as ScheduleRequest[]) {
    const { act, written } = requestsWith(3_600_000);
    t.like(await act(request), { ok: false });
    t.deepEqual(written, []);
  }
  const { message } = (await requestsWith(-3_600_000).act(set)) as { message: string };
  t.regex(message, /3,600 s behind the leader's/);
});

test('otherwise they are set, and pauses and removals always go', async (t) => {
  const agreeing = requestsWith(null);
  t.like(await agreeing.act(set), { ok: true });
  t.deepEqual(agreeing.written, [1]);
  t.like(await requestsWith(3_600_000).act({ kind: 'pause-schedules', names: ['s'], paused: true }), { ok: true });
});

test('a calendar in use is kept, and the answer says what removes it', async (t) => {
  const times = { calendars: new Map([['holidays', {}]]) };
  const using = { name: 'c', line: '{"except":[{"calendar":"holidays"}]}' };
  const { act } = requestsWith(null, { times, names: new Map([['c', using]]) } as unknown as Book);
  t.deepEqual(await act({ kind: 'remove-calendar', name: 'holidays' }), {
    ok: false,
    message: "calendar 'holidays' is in use by schedule c; it is removed only with force",
  });
});

test('a schedule whose plan is not there is refused by itself: the others do not depend on it', async (t) => {
  const { act, written, plans } = requestsWith(null);
  const unknown = { name: 'u', spec: { when: [{ every: 1_000 }], run: { flow: 'f', plan: 'a'.repeat(32) } } };
  const answer = await act({ ...set, schedules: [...set.schedules, unknown] });
  t.like(answer, { schedules: [{ name: 's', ok: true }, { name: 'u', ok: false }] }); // prettier-ignore
  t.deepEqual([written, plans], [[1], []]);
});
