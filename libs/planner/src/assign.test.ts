import test from 'ava';
import { assigned, decide, decideAll, sizes, spent, world } from '../test/decide.js';
import type { Command } from './model.js';
import { MAX_ASSIGNMENTS, PROBE_MS, PROBES } from './settings.js';

test('ten tasks and five free workers make five slices of two', (t) => {
  const w = world();
  for (const id of ['a', 'b', 'c', 'd', 'e']) w.join(id, { capacity: 8 });
  w.submit('q', [{ count: 10 }]);
  t.deepEqual(sizes(decide(w)), [2, 2, 2, 2, 2]);
});

test('a worker of unknown pace is given what it can run at once, and no more', (t) => {
  const w = world();
  w.join('a', { capacity: 4 });
  w.submit('q', [{ count: 100 }]);
  t.deepEqual(sizes(decide(w)), [4]);
  t.deepEqual(decide(w), []);
});

test('a worker that ends tasks in no time is given hundreds at a time', (t) => {
  const w = world();
  w.join('a', { capacity: 4 });
  for (let batch = 0; batch < 20; batch++) w.submit('q', [{ count: 500 }]);
  let largest = 0;
  for (let round = 0; round < 8; round++) {
    const commands = decide(w);
    largest = Math.max(largest, ...sizes(commands));
    w.now += 2;
    for (const { id } of assigned(commands)) w.report(id, 'all', true);
  }
  t.true(largest >= 200, String(largest));
});

test('tasks of seconds go out one by one, and nothing is ahead of a worker that is busy with them', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  w.submit('q', [{ count: 20 }]);
  for (let round = 0; round < 5; round++) {
    const commands = decide(w);
    t.true(w.out('a') <= 2);
    if (round > 0) t.true(sizes(commands).every((size) => size === 1));
    w.now += 3_000;
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
  }
});

test('no assignment has more than 500 tasks or two batches', (t) => {
  const w = world();
  w.join('a', { capacity: 3_000 });
  w.submit('q', [{ count: 1_200 }]);
  w.submit('q', [{ count: 10 }]);
  t.deepEqual(sizes(decide(w)), [500, 500, 200, 10]);
});

test('a type that nobody offers blocks no other, and is told', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ type: 'rare', count: 3 }]);
  w.submit('q', [{ count: 2 }]);
  t.deepEqual(sizes(decide(w)), [2]);
  t.deepEqual(w.planner.unservedTypes().shown, ['rare']);
  w.join('b', { types: ['rare'] });
  t.deepEqual(sizes(decide(w)), [3]);
  t.deepEqual(w.planner.unservedTypes().shown, []);
});

test('a paused queue waits, a limited one has no more out than its limit, others go on', (t) => {
  const w = world();
  w.configure('paused', { paused: true });
  w.configure('limited', { maxRunning: 1 });
  w.join('a', { capacity: 10 });
  for (const queue of ['paused', 'limited', 'free']) w.submit(queue, [{ count: 3 }]);
  decide(w);
  t.like(w.planner.queues().shown, {
    paused: { paused: true, pending: 3, out: 0 },
    limited: { pending: 2, out: 1 },
    free: { pending: 0, out: 3 },
  });
});

test('the queue of the highest priority goes first', (t) => {
  const w = world();
  w.configure('urgent', { priority: 5 });
  w.submit('usual', [{ count: 10 }], 'A');
  w.submit('urgent', [{ count: 3 }], 'B');
  w.join('a', { capacity: 4 });
  const given = assigned(decide(w)).map(({ batch }) => batch);
  t.deepEqual([given[0], w.running('urgent'), w.running('usual')], ['B', 3, 1]);
});

test('queues of one priority share by weight, in tasks', (t) => {
  const w = world();
  w.configure('heavy', { weight: 3 });
  w.submit('heavy', [{ count: 500 }], 'H');
  w.submit('light', [{ count: 500 }], 'L');
  w.join('a', { capacity: 4 });
  const given = { H: 0, L: 0 };
  for (let round = 0; round < 50; round++) {
    for (const { batch, tasks } of assigned(decide(w)))
      given[batch as 'H' | 'L'] += tasks.reduce((sum, [from, to]) => sum + to - from, 0);
    w.now += 1_000;
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
  }
  t.true(Math.abs(given.H / given.L - 3) < 0.2, `${given.H}:${given.L}`);
});

test('a draining worker is given nothing, and keeps what it has', (t) => {
  const w = world();
  w.join('a');
  w.submit('q', [{ count: 1 }]);
  decide(w);
  w.join('a', { draining: true });
  w.submit('q', [{ count: 1 }]);
  t.deepEqual(decide(w), []);
  t.is(w.out('a'), 1);
});

test('how much goes ahead follows from the time that the worker says it needed, however long the way is', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  for (let batch = 0; batch < 4; batch++) w.submit('q', [{ count: 500 }]);
  for (let round = 0; round < 6; round++) {
    const out = assigned(decide(w));
    w.now += 100;
    for (const { id, tasks } of out) {
      const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
      w.report(id, 'all', true, spent(count * 5));
    }
  }
  const ahead = w.out('a') + sizes(decide(w)).reduce((sum, size) => sum + size, 0);
  t.true(ahead * 5 >= 100, `${ahead} tasks of 5 ms to hide a way of 100 ms`);
  t.true(ahead * 5 <= 1_000, `${ahead} tasks of 5 ms are more than any way lasts`);
});

test('a worker that cannot keep up gets less: once it has shown its pace, what it ends', (t) => {
  const w = world();
  const paces = { quick: 1, slow: 10 };
  for (const worker of Object.keys(paces)) w.join(worker, { capacity: 1 });
  for (let batch = 0; batch < 40; batch++) w.submit('q', [{ count: 100 }]);
  const ends: { at: number; id: string; ranMs: number }[] = [];
  const freeAt = { quick: 0, slow: 0 };
  const given = { quick: 0, slow: 0 };
  const [known, end] = [w.now + 1_000, w.now + 3_000];
  for (; w.now < end; w.now++) {
    for (const { id, ranMs } of ends.filter(({ at }) => at === w.now)) w.report(id, 'all', true, spent(ranMs));
    for (const { id, worker, tasks } of assigned(decide(w))) {
      const name = worker as keyof typeof paces;
      const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
      const ranMs = count * paces[name];
      if (w.now >= known) given[name] += count;
      freeAt[name] = Math.max(freeAt[name], w.now) + ranMs;
      ends.push({ at: freeAt[name], id, ranMs });
    }
  }
  t.true(given.quick >= 1_800, `quick: ${given.quick} tasks in 2,000 ms`);
  t.true(given.slow > 0 && given.slow <= 220, `slow: ${given.slow} tasks of 10 ms in 2,000 ms`);
});

test('while much is pending assignments are twice as large, and towards its end they shrink again', (t) => {
  const aheadMs = 20;
  const w = world('round-robin', { aheadMs });
  const ranMs = 1;
  w.join('a', { capacity: 1 });
  for (let batch = 0; batch < 10; batch++) w.submit('q', [{ count: 100 }]);
  const sizesInTurn: number[] = [];
  for (let commands = decide(w); assigned(commands).length > 0; commands = decide(w)) {
    sizesInTurn.push(...sizes(commands));
    w.now += 1;
    for (const { id, tasks } of assigned(commands))
      w.report(id, 'all', true, spent(ranMs * tasks.reduce((sum, [from, to]) => sum + to - from, 0)));
  }
  t.is(Math.max(...sizesInTurn), (2 * aheadMs) / ranMs);
  t.true((sizesInTurn.at(-1) ?? Infinity) <= aheadMs / ranMs, String(sizesInTurn));
});

test('tasks that are through in no time are not divided among many', (t) => {
  const w = world();
  for (let n = 0; n < 100; n++) w.join(`w${n}`, { capacity: 8 });
  w.submit('q', [{ count: 8 }]);
  for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(0.001));
  w.submit('q', [{ count: 500 }]);
  w.submit('q', [{ count: 500 }]);
  const commands = decide(w);
  t.deepEqual(sizes(commands), [500, 500]);
  t.is(new Set(assigned(commands).map(({ worker }) => worker)).size, 2);
});

test('a type of unknown pace is tried out on few of many workers, then on twice as many', (t) => {
  const w = world();
  for (let n = 0; n < 1_000; n++) w.join(`w${n}`, { capacity: 8 });
  w.submit('q', [{ count: 20_000 }]);
  const busy = (): number => [...w.workers.keys()].filter((id) => w.out(id) > 0).length;
  decide(w);
  for (let few = PROBES; few < 1_000; few *= 2) {
    t.is(busy(), few);
    t.is(w.planner.nextDueAt(), w.now + PROBE_MS);
    w.now += PROBE_MS;
    decide(w);
  }
  t.is(busy(), 1_000, 'slow work keeps everybody busy');
});

test('once the pace is told, everybody may be given tasks, and as few assignments are made as are soonest ended', (t) => {
  for (const { ms, assignments } of [
    { ms: 0.001, assignments: 4 },
    { ms: 0.1, assignments: 14 },
    { ms: 1, assignments: 100 },
    { ms: 1_000, assignments: 1_000 },
  ]) {
    const w = world('round-robin', { aheadMs: 20 });
    for (let n = 0; n < 1_000; n++) w.join(`w${n}`, { capacity: 1 });
    w.submit('q', [{ count: 1 }]);
    for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(ms));
    w.submit('q', [{ count: 2_000 }]);
    const made = sizes(decideAll(w)).length;
    t.true(made <= 1.5 * assignments && made >= assignments / 1.5, `${made} assignments of tasks of ${ms} ms`);
  }
});

test('a plan makes so many assignments at most and the next one goes on, with the same shares', (t) => {
  const w = world('weighted');
  for (let n = 0; n < 400; n++) w.join(`w${n}`, { capacity: 6, weight: n < 200 ? 1 : 2 });
  w.submit('q', [{ count: 1 }]);
  for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(5_000));
  w.now += 1_000;
  for (const { id } of assigned(decideAll(w))) w.reportRest(id);
  w.submit('q', [{ count: 1_500 }]);
  const all: Command[] = [];
  for (let made = MAX_ASSIGNMENTS; made === MAX_ASSIGNMENTS;) {
    const commands = decide(w);
    made = assigned(commands).length;
    t.true(made <= MAX_ASSIGNMENTS);
    if (made === MAX_ASSIGNMENTS && w.planner.tally().pending > 0) t.is(w.planner.nextDueAt(), w.now);
    all.push(...commands);
  }
  t.is(w.planner.tally().pending, 0);
  const out = [...w.workers].map(([id, { weight }]) => w.out(id) / weight);
  t.true(Math.max(...out) <= 3 && Math.min(...out) >= 2, `${Math.min(...out)} to ${Math.max(...out)} by weight`);
});

test('what was allocated and not yet handed out is not for a worker that drains or is gone meanwhile', (t) => {
  const w = world();
  for (let n = 0; n < 1_000; n++) w.join(`w${n}`, { capacity: 1 });
  w.submit('q', [{ count: 1 }]);
  for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(5_000));
  w.submit('q', [{ count: 1_000 }]);
  t.is(assigned(decide(w)).length, MAX_ASSIGNMENTS);
  const idle = [...w.workers.keys()].filter((id) => w.out(id) === 0);
  const [gone = '', drains = ''] = idle;
  w.die(gone);
  w.join(drains, { capacity: 1, draining: true });
  decideAll(w);
  t.deepEqual([w.out(gone), w.out(drains)], [0, 0]);
  t.true(idle.slice(2).every((id) => w.out(id) === 1));
});

test('with a weighted strategy a weight of 3 gets three times the tasks, of whatever slices', (t) => {
  const w = world('weighted');
  w.join('heavy', { capacity: 8, weight: 3 });
  w.join('light', { capacity: 8, weight: 1 });
  for (let batch = 0; batch < 8; batch++) w.submit('q', [{ count: 500 }]);
  const given = { heavy: 0, light: 0 };
  for (let round = 0; round < 100; round++) {
    for (const { worker, tasks } of assigned(decide(w)))
      given[worker as 'heavy' | 'light'] += tasks.reduce((sum, [from, to]) => sum + to - from, 0);
    w.now += 100;
    for (const id of [...w.assignments.keys()]) w.reportRest(id);
  }
  t.true(Math.abs(given.heavy / given.light - 3) < 0.3, `${given.heavy}:${given.light}`);
});

test('a weight of 3 gets three times the quick tasks too, of which hundreds go out ahead, whoever is faster', (t) => {
  for (const perRound of [
    { heavy: 100, light: 100 },
    { heavy: 100, light: 300 },
  ]) {
    const w = world('weighted');
    w.join('heavy', { capacity: 8, weight: 3 });
    w.join('light', { capacity: 8, weight: 1 });
    for (let batch = 0; batch < 60; batch++) w.submit('q', [{ count: 500 }]);
    const ended = { heavy: 0, light: 0 };
    for (let round = 0; round < 200; round++) {
      decide(w);
      w.now += 2;
      const left = { ...perRound };
      for (const [id, { fact, open }] of w.assignments) {
        const worker = fact.worker as 'heavy' | 'light';
        if (left[worker] <= 0) continue;
        left[worker] -= open.size;
        ended[worker] += open.size;
        w.report(id, 'all', true);
      }
    }
    t.true(ended.heavy / ended.light > 2.5 && ended.heavy / ended.light < 3.5, JSON.stringify({ perRound, ended }));
  }
});
