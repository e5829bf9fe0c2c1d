import test from 'ava';
import { assigned, decide, kinds, spent, world } from '../test/decide.js';

test('when a worker runs dry, another is asked once to hand back what it has ahead and has not ended for a while', (t) => {
  const w = world('round-robin', { aheadMs: 20 });
  w.join('a', { capacity: 1 });
  w.submit('q', [{ count: 60 }]);
  for (let round = 0; round < 3; round++) {
    const commands = decide(w);
    w.now += 1;
    for (const { id } of assigned(commands)) if (round < 2) w.report(id, 'all', true);
  }
  t.true(w.out('a') > 1);
  w.join('b', { capacity: 1 });
  t.deepEqual(decide(w), [], 'it may well be through in a moment');
  w.now = w.planner.nextDueAt() ?? 0;
  const asked = decide(w);
  t.true(asked.length > 0 && asked.every((command) => command.kind === 'notify' && command.recall));
  w.now += 10_000;
  const again = decide(w).filter((command) => command.kind === 'notify');
  const before = new Set(asked.map((command) => (command.kind === 'notify' ? command.assignment.id : '')));
  t.true(again.every((command) => !before.has(command.assignment.id)));
});

test('however many are dry and stalled, an assignment is asked for once, and nobody for more than others can take', (t) => {
  const w = world();
  for (let n = 0; n < 20; n++) w.join(`slow${n}`, { capacity: 1 });
  w.submit('q', [{ count: 200 }]);
  for (let round = 0; round < 3; round++) {
    const out = assigned(decide(w));
    w.now += 10;
    for (const { id, tasks } of out)
      w.report(id, 'all', true, spent(tasks.reduce((sum, [from, to]) => sum + to - from, 0)));
  }
  w.submit('q', [{ count: 400 }]);
  decide(w);
  for (let n = 0; n < 50; n++) w.join(`dry${n}`);
  const pending = w.planner.tally().pending;
  t.is(pending, 0, 'everything is out at the slow');
  w.now += 1_000;
  const asked = decide(w).flatMap((command) => (command.kind === 'notify' ? [command.assignment] : []));
  t.true(asked.length > 0);
  t.is(new Set(asked.map(({ id }) => id)).size, asked.length);
  t.true(asked.every(({ worker }) => worker.startsWith('slow')));
  t.deepEqual(
    decide(w).filter(({ kind }) => kind === 'notify'),
    [],
  );
});

test('work is not asked back before two ways would have ended, also of a worker that has not answered yet', (t) => {
  for (const slow of ['far', 'new']) {
    const w = world();
    w.join('far', { capacity: 1 });
    w.submit('q', [{ count: 1 }]);
    for (const { id } of assigned(decide(w))) {
      w.now += 200;
      w.report(id, 'all', true, { ranMs: 0.1, heldMs: 1 });
    }
    if (slow === 'new') {
      w.die('far');
      w.join('new', { capacity: 1 });
    }
    w.submit('q', [{ count: 10 }]);
    decide(w);
    t.is(w.out(slow), 10);
    w.join('dry');
    for (const { waitedMs, asked } of [
      { waitedMs: 150, asked: false },
      { waitedMs: 400, asked: true },
    ]) {
      w.now += waitedMs;
      t.is(kinds(decide(w)).includes('notify'), asked, `${slow} after ${waitedMs} ms more`);
    }
  }
});
