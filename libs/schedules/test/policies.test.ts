import { Zone, zoneNamed } from '@drover/calendar';
import test from 'ava';
import {
  cancelFiresOf,
  pauseSchedules,
  removeSchedules,
  resetSchedules,
  setSchedules,
  triggerSchedule,
} from '../src/changes.js';
import { fireMoved, settle, touchThoseWithoutTime } from '../src/settle.js';
import { reckonStale, viewOf } from '../src/view.js';
import { RUNS, TestWorld } from './support/world.js';

const START = Date.UTC(2026, 0, 1);
const second = (n: number): number => START + n * 1_000;

function worldWith(spec: object): TestWorld {
  const world = new TestWorld(START);
  world.set({ name: 's', spec: { when: { every: '2s' }, run: RUNS.task, ...spec } });
  return world;
}

/** The handler takes 5 s; for 20 s. The seconds at which fires begin, and when they were due. */
function matrix(overlap: string): { world: TestWorld; begun: [at: number, nominal: number][]; most: number } {
  const world = worldWith({ overlap });
  const ends = new Map<string, number>();
  const begun: [number, number][] = [];
  let most = 0;
  for (let s = 1; s <= 60; s++) {
    world.now = second(s);
    for (const task of world.of('running')) if ((ends.get(task.id) ?? 0) <= s) world.end(task, 'succeeded');
    if (s <= 20) world.fireAll();
    const before = new Set(world.of('running'));
    world.begin();
    for (const task of world.of('running').filter((each) => !before.has(each))) {
      ends.set(task.id, s + 5);
      begun.push([s, (task.fire.nominal - START) / 1_000]);
    }
    most = Math.max(most, world.of('running').length);
  }
  return { world, begun, most };
}

const stateOf = (world: TestWorld) => world.leader.names.get('s')!.state;

test('skip: what is due while an earlier fire runs does not run, and is counted', (t) => {
  const { begun, most, world } = matrix('skip');
  t.deepEqual(
    begun.map(([, nominal]) => nominal),
    [2, 8, 14, 20],
  );
  t.is(most, 1);
  t.like(stateOf(world), { fired: 4, skipped: 6, missed: 0 });
  t.is(stateOf(world).more?.reasons?.skipped, 'an earlier fire had not ended');
});

test('buffer-all: every fire runs, in order, one at a time', (t) => {
  const { begun, most, world } = matrix('buffer-all');
  t.deepEqual(
    begun.map(([, nominal]) => nominal),
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 20],
  );
  t.is(most, 1);
  t.like(stateOf(world), { fired: 10, skipped: 0 });
});

test('buffer-one keeps the first that waits, buffer-latest the last; a replaced one counts as skipped', (t) => {
  t.deepEqual(
    matrix('buffer-one').begun.map(([, nominal]) => nominal),
    [2, 4, 8, 12, 18],
  );
  const latest = matrix('buffer-latest');
  t.deepEqual(
    latest.begun.map(([, nominal]) => nominal),
    [2, 6, 10, 16, 20],
  );
  t.like(stateOf(latest.world), { fired: 5, skipped: 5 });
  t.regex(stateOf(latest.world).more?.reasons?.skipped ?? '', /superseded/);
});

test('cancel-other and terminate-other: the earlier one ends, never two at once', (t) => {
  for (const overlap of ['cancel-other', 'terminate-other']) {
    const { most, world } = matrix(overlap);
    t.is(most, 1);
    t.is(world.of('cancelled').length, 9, overlap);
    t.is(world.of('succeeded').length, 1);
  }
});

test('allow: they run beside each other', (t) => {
  const { most, begun } = matrix('allow');
  t.is(begun.length, 10);
  t.is(most, 3);
});

test('of what was missed only the latest is caught up, and it is told how many were not', (t) => {
  const world = worldWith({});
  world.now = second(11);
  world.takeOver();
  world.fireAll();
  t.like(world.tasks[0]?.fire, { nominal: second(10), kind: 'catch-up', missed: 4 });
  t.is(world.tasks.length, 1);
  t.like(stateOf(world), { fired: 1, missed: 4, mark: second(10) });
});

test('catch-up of all fires each, oldest first; of none fires nothing; nothing is caught up from before the window', (t) => {
  const all = worldWith({ overlap: 'allow', catchUp: 'all' });
  all.now = second(11);
  all.takeOver();
  all.fireAll();
  t.deepEqual(
    all.tasks.map(({ fire }) => (fire.nominal - START) / 1_000),
    [2, 4, 6, 8, 10],
  );
  const none = worldWith({ catchUp: 'none' });
  none.now = second(11);
  none.takeOver();
  none.fireAll();
  t.like(stateOf(none), { fired: 0, missed: 5 });
  const window = worldWith({ overlap: 'allow', catchUp: { run: 'all', window: '10s' } });
  window.now = second(21);
  window.takeOver();
  window.fireAll();
  t.like(stateOf(window), { fired: 5, missed: 5 });
});

test('times during a pause are neither fired nor missed; a trigger runs all the same', (t) => {
  const world = worldWith({});
  const paused = pauseSchedules(world.leader, ['s', 'nobody'], true, { at: world.now, by: 'ada', reason: 'migration' });
  t.like(paused.replies, [
    { ok: true, change: 'paused' },
    { ok: false, code: 'unknown' },
  ]);
  for (const drafts of paused.transactions) world.write(drafts, []);
  world.now = second(11);
  world.takeOver();
  world.fireAll();
  t.is(world.tasks.length, 0);
  t.like(viewOf(world.leader, 's'), { paused: { by: 'ada', reason: 'migration' }, next: [] });
  const trigger = triggerSchedule(world.leader, 's', { overlap: undefined, id: 'c1', now: world.now });
  if (!trigger.ok || trigger.draft === null) return t.fail();
  world.write([trigger.draft], trigger.batches);
  t.like(world.tasks[0]?.fire, { kind: 'trigger', nominal: second(11) });
  const again = triggerSchedule(world.leader, 's', { overlap: undefined, id: 'c1', now: world.now });
  t.like(again, { ok: true, started: trigger.started, draft: null });
  t.like(triggerSchedule(world.leader, 's', { overlap: undefined, id: 'c2', now: world.now }), { code: 'overlap' });
  const resumed = pauseSchedules(world.leader, ['s'], false, { at: world.now });
  for (const drafts of resumed.transactions) world.write(drafts, []);
  world.end(world.tasks[0]!, 'succeeded');
  world.now = second(12);
  world.fireAll();
  t.like(stateOf(world), { fired: 2, skipped: 0, missed: 0 });
});

test('a reset moves the mark to now, wherever a clock that was wrong has moved it; nothing is caught up', (t) => {
  const world = worldWith({ catchUp: 'all', overlap: 'allow' });
  const reset = (): void => {
    for (const drafts of resetSchedules(world.leader, ['s'], world.now).transactions) world.write(drafts, []);
  };
  world.now = second(3_600);
  world.takeOver();
  while (world.tasks.length < 10) world.fire();
  world.now = second(11);
  world.fireAll();
  t.true((stateOf(world).next ?? 0) > second(3_000), 'the false time has moved the mark');
  const before = world.tasks.length;
  reset();
  t.like(stateOf(world), { mark: second(11), next: second(12) });
  world.now = second(12);
  world.fireAll();
  t.is(world.tasks.length, before + 1);
  world.now = second(101);
  reset();
  world.fireAll();
  t.is(world.tasks.length, before + 1);
  t.deepEqual(resetSchedules(world.leader, ['nobody'], world.now).replies, [
    { name: 'nobody', ok: false, code: 'unknown', message: "no schedule named 'nobody'" },
  ]);
});

test('so many failures in a row pause it, whoever leads; a success or a cancelled fire in between does not count', (t) => {
  const world = worldWith({ pauseAfterFailures: 3 });
  const fire = (s: number, state: 'failed' | 'succeeded' | 'cancelled'): void => {
    world.now = second(s);
    world.fireAll();
    world.begin();
    for (const task of world.of('running')) world.end(task, state);
  };
  fire(2, 'failed');
  fire(4, 'succeeded');
  fire(6, 'failed');
  fire(8, 'cancelled');
  world.takeOver();
  fire(10, 'failed');
  t.is(stateOf(world).more?.paused, undefined);
  fire(12, 'failed');
  t.regex(stateOf(world).more?.paused?.reason ?? '', /3 fires in a row failed, the last one was task/);
  world.takeOver();
  fire(14, 'failed');
  t.is(world.tasks.length, 6);
  t.like(stateOf(world), { failed: 4, fired: 6 });
});

test('a fire that ends while nobody leads is judged by the next leader, once', (t) => {
  const world = worldWith({ pauseAfterFailures: 1 });
  world.now = second(2);
  world.fireAll();
  world.begin();
  world.tasks[0]!.state = 'failed';
  world.takeOver();
  t.like(stateOf(world), { failed: 1, streak: 1 });
  t.true(stateOf(world).more?.paused !== undefined);
  world.takeOver();
  t.like(stateOf(world), { failed: 1, streak: 1 });
});

test('everyAfter counts from the end of the fire before, also for the next leader', (t) => {
  const world = worldWith({ when: { everyAfter: '10s' } });
  world.now = second(10);
  world.fireAll();
  world.begin();
  t.is(stateOf(world).next, null);
  world.takeOver();
  world.now = second(13);
  world.end(world.tasks[0]!, 'failed');
  t.is(stateOf(world).due, second(23));
  world.takeOver();
  t.is(stateOf(world).due, second(23));
});

test('everyAfter counts from the end that an earlier leader saw and had not written down as the next time', (t) => {
  const world = worldWith({ when: { everyAfter: '10s' } });
  world.now = second(10);
  world.fireAll();
  world.begin();
  const [task] = world.tasks;
  Object.assign(task!, { state: 'succeeded', endedAt: second(12) });
  world.now = second(15);
  world.takeOver();
  t.is(stateOf(world).due, second(22));
  world.now = second(22);
  world.fireAll();
  world.begin();
  world.now = second(25);
  Object.assign(world.tasks[1]!, { state: 'succeeded', endedAt: undefined });
  world.takeOver();
  t.is(stateOf(world).due, second(35), 'nobody knows when it ended: from now on');
  world.now = second(35);
  world.fireAll();
  world.begin();
  world.now = second(37);
  Object.assign(world.tasks[2]!, { state: 'succeeded', endedAt: second(30) });
  world.takeOver();
  t.is(stateOf(world).due, second(47), 'the clock was set back when it ended: from now on');
});

test('one that can fire no more has ended, and is removed in the end', (t) => {
  const world = worldWith({ when: { every: '2s', maxFires: 2 } });
  for (const s of [2, 4, 6]) {
    world.now = second(s);
    world.fireAll();
    world.begin();
    for (const task of world.of('running')) world.end(task, 'succeeded');
  }
  t.is(world.tasks.length, 2);
  t.is(stateOf(world).more?.endedAt, second(4));
  world.now = second(4) + 3_600_000;
  world.fireAll();
  t.is(world.leader.names.get('s'), undefined);
  t.is(world.leader.pages.size, 0);
});

test('a removed schedule fires no more: what waits is cancelled, what runs goes on, and its name is free', (t) => {
  const world = worldWith({ overlap: 'buffer-all' });
  world.now = second(2);
  world.fireAll();
  world.begin();
  world.now = second(4);
  world.fireAll();
  const { transactions } = removeSchedules(world.leader, ['s']);
  for (const drafts of transactions) world.apply(drafts, []);
  // The leader dies before it could cancel what waits: the next one finds a fire of no schedule.
  world.takeOver();
  t.deepEqual(
    world.tasks.map(({ state }) => state),
    ['running', 'cancelled'],
  );
  world.set({ name: 's', spec: { when: { every: '2s' }, run: { type: 'noop' }, overlap: 'skip' } });
  world.now = second(6);
  world.fireAll();
  t.is(world.tasks.length, 3, 'a fire of the schedule that was removed is not in the way');
  t.is(cancelFiresOf(world.leader, 's', true).length, 2);
});

test('a revision that is not there any more is refused; what is the same is left alone', (t) => {
  const world = worldWith({});
  const given = { name: 's', spec: { when: { every: '3s' }, run: { type: 'noop' } } };
  const set = (ifRevision?: number) => setSchedules(world.leader, [{ ...given, ifRevision }], { at: world.now });
  t.like(set(7).replies, [{ ok: false, code: 'revision', revision: 1 }]);
  t.like(set(0).replies, [{ ok: false, code: 'revision', revision: 1 }]);
  const changed = set(1);
  t.like(changed.replies, [{ ok: true, change: 'changed', revision: 2 }]);
  for (const drafts of changed.transactions) world.write(drafts, []);
  t.like(set().replies, [{ ok: true, change: 'unchanged', revision: 2 }]);
  t.deepEqual(set().transactions, []);
});

test('after a change nothing fires by the old times, whoever leads; what waits by the old policy stays', (t) => {
  const world = worldWith({ overlap: 'buffer-all' });
  for (const s of [2, 4]) {
    world.now = second(s);
    world.fireAll();
    world.begin();
  }
  world.now = second(5);
  world.set({ name: 's', spec: { when: { every: '7s' }, run: { type: 'other' }, overlap: 'skip' } });
  world.takeOver();
  world.now = second(13);
  world.fireAll();
  t.deepEqual(
    world.tasks.map(({ fire, state }) => [(fire.nominal - START) / 1_000, state]),
    [
      [2, 'running'],
      [4, 'held'],
    ],
  );
  const before = stateOf(world).next!;
  t.is(before % 7_000, 0);
  world.end(world.tasks[0]!, 'succeeded');
  world.begin();
  world.end(world.tasks[1]!, 'succeeded');
  world.now = before;
  world.fireAll();
  t.is(world.tasks.at(-1)?.fire.nominal, before);
});

test('of many at once each has its reply, and they share pages', (t) => {
  const world = new TestWorld(START);
  const given = Array.from({ length: 300 }, (_, i) => ({
    name: `s${i}`,
    spec: { when: i === 7 ? { cron: '60 * * * *' } : { every: '2s' }, run: { type: 'noop' } },
  }));
  const { replies, transactions } = setSchedules(world.leader, given, { at: START });
  t.deepEqual(
    replies.filter(({ ok }) => !ok).map(({ name, code }) => [name, code]),
    [['s7', 'invalid']],
  );
  for (const drafts of transactions) world.write(drafts, []);
  t.is(world.leader.names.size, 299);
  t.is(world.leader.pages.size, 3);
  world.now = second(2);
  world.fireAll();
  t.is(world.tasks.length, 299);
  t.is(new Set(world.tasks.map(({ batch }) => batch)).size, 1, 'fires that are due together share a batch');
});

test('a schedule that grows goes to another page, with its counts', (t) => {
  const world = new TestWorld(START);
  const spec = (chars: number) => ({ when: { every: '2s' }, run: { type: 'noop', payload: 'x'.repeat(chars) } });
  world.set(...['a', 'b', 'c', 'd'].map((name) => ({ name, spec: spec(11_000) })));
  t.is(world.leader.pages.size, 1);
  world.now = second(2);
  world.fireAll();
  world.set({ name: 'b', spec: spec(16_000) });
  t.is(world.leader.pages.size, 2);
  world.takeOver();
  t.like(world.leader.names.get('b')?.state, { fired: 1 });
  t.is(world.leader.names.get('b')?.record.revision, 2);
  t.is(world.leader.names.size, 4);
});

test('other zone data: the next times are reckoned anew before anything is due, and none fires twice', (t) => {
  const east = (hours: number) => (name: string) =>
    name === 'UTC' ? zoneNamed(name) : new Zone(() => hours * 3_600_000);
  const world = new TestWorld(START, { version: 'old', zones: east(1) });
  const daily = { when: { cron: '0 3 * * *', tz: 'Europe/Berlin' }, run: { type: 'noop' } };
  const specs = Array.from({ length: 1_500 }, (_, i) => ({ name: `d${i}`, spec: daily }));
  world.set({ name: 'utc', spec: { when: { cron: '0 3 * * *' }, run: { type: 'noop' } } }, ...specs);
  const hour = (n: number): number => START + n * 3_600_000;
  const next = (name: string): number | null => world.leader.names.get(name)!.state.next;
  world.now = hour(2);
  world.fireAll();
  t.is(world.tasks.length, 1_500);
  t.is(next('d7'), hour(26));
  // The zone goes half an hour further east: 3:00 of this day comes again, but it was fired.
  world.zoneData = { version: 'new', zones: east(0.5) };
  world.now = hour(2) + 1;
  world.takeOver();
  t.is(next('d7'), hour(2.5), 'the mark decides what is over, not the day');
  t.is(next('utc'), hour(3));
  world.now = hour(26.5);
  world.fireAll();
  const nominals = world.tasks.filter(({ fire }) => fire.schedule === 'd7').map(({ fire }) => fire.nominal);
  t.is(new Set(nominals).size, nominals.length);
  // A part in each turn; what is not reckoned yet is not due.
  world.zoneData = { version: 'newer', zones: east(2) };
  const { leader } = world;
  t.is(leader.stale.size, 0);
  for (const page of leader.pages.values()) {
    leader.stale.add(page);
    leader.refresh(page);
  }
  t.is(leader.nextDueAt, null);
  reckonStale(leader, world.now);
  t.true(leader.stale.size > 0);
  reckonStale(leader, world.now);
  t.is(leader.stale.size, 0);
  t.not(leader.nextDueAt, null);
});

test('a schedule that can fire no more has ended for whoever reads ZooKeeper, too', (t) => {
  const world = worldWith({ when: { everyAfter: '2s', maxFires: 1 } });
  world.now = second(3);
  world.fireAll();
  world.begin();
  world.now = second(4);
  for (const task of world.of('running')) world.end(task, 'succeeded');
  world.now = second(60);
  world.takeOver();
  t.is(stateOf(world).more?.endedAt, second(4), 'not when the next leader has looked');
});

test('by a clock that is wrong no next time is reckoned; when it is right again, it is', (t) => {
  const world = worldWith({ when: { everyAfter: '2s' } });
  world.now = second(3);
  world.fireAll();
  world.begin();
  const [task] = world.of('running');
  fireMoved(world.leader, task!.batch, task!.index, 'succeeded');
  settle(world.leader, second(3_600), true);
  t.is(stateOf(world).next, null);
  touchThoseWithoutTime(world.leader);
  settle(world.leader, second(5));
  t.is(stateOf(world).next, second(7));
});
