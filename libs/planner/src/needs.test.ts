import test from 'ava';
import { assigned, decide, decideAll, one, world } from '../test/decide.js';
import type { World } from '../test/world.js';

const NEEDY = { needs: ['f', 'g'] };

function workersGiven(w: World): string[] {
  return [...new Set(assigned(decideAll(w)).map(({ worker }) => worker))].sort();
}

test('a batch that needs features goes to workers that understand all of them, and holds up nobody', (t) => {
  const w = world();
  w.join('plain', { capacity: 9 });
  w.join('half', { capacity: 9, understands: ['f'] });
  const batch = w.submit('q', [{ count: 2 }], undefined, NEEDY);
  const other = w.submit('q', [{ count: 2 }]);
  const given = assigned(decideAll(w));
  t.deepEqual([...new Set(given.map((fact) => fact.batch))], [other]);
  t.deepEqual(w.planner.unservedTypes().shown, ['t']);
  t.deepEqual(w.planner.explain({ batch, index: 0 }, w.now)?.reasons, [
    { code: 'not-understood', blocking: true, type: 't', features: ['f', 'g'], workers: 2 },
  ]);
  t.deepEqual(
    w.planner.explain({ batch, index: 0 }, w.now)?.workers?.table.map(({ verdict }) => verdict),
    ['not-understood', 'not-understood'],
  );
  w.join('able', { understands: ['g', 'e', 'f'] });
  t.deepEqual(workersGiven(w), ['able']);
  t.deepEqual(w.planner.unservedTypes().shown, []);
});

test('a worker that comes to understand more, or less, is given work by what it says now', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  w.submit('q', [{ count: 2 }], undefined, NEEDY);
  t.deepEqual(workersGiven(w), []);
  w.join('a', { capacity: 1, understands: ['f', 'g'] });
  const [first] = assigned(decide(w));
  t.is(first?.worker, 'a');
  w.join('a', { capacity: 1 });
  w.reportRest(first?.id ?? '');
  t.deepEqual(workersGiven(w), []);
});

test('the order and repetition of features make no difference', (t) => {
  const w = world();
  w.submit('q', [{}], undefined, { needs: ['g', 'f', 'g'] });
  w.submit('q', [{}], undefined, NEEDY);
  w.submit('q', [{}], undefined, { needs: [] });
  w.submit('q', [{}]);
  w.deliver();
  t.is(w.state.classes.size, 2);
});

test('a starved worker reclaims only what it may run', (t) => {
  const w = world('least-loaded');
  w.join('busy', { capacity: 1, understands: ['f', 'g'] });
  const [first] = [w.submit('q', [{ count: 20 }], undefined, NEEDY)];
  for (let n = 0; n < 3; n++) {
    const [assignment] = assigned(decide(w));
    w.now += 1;
    w.report(assignment?.id ?? '', [one(n, 'succeeded')], assignment?.tasks[0]?.[1] === n + 1, {
      ranMs: 0.5,
      heldMs: 0.5,
    });
  }
  decideAll(w);
  t.true(w.out('busy') > 1, `${w.out('busy')} tasks of ${first} are out`);
  const isAsked = (): boolean => [...w.assignments.values()].some(({ recall }) => recall);
  w.join('plain');
  w.now += 60_000;
  decideAll(w);
  t.false(isAsked());
  w.join('able', { understands: ['f', 'g'] });
  decideAll(w);
  t.true(isAsked());
});

test('a new leader gives tasks that need something to the same workers', (t) => {
  const w = world();
  w.submit('q', [{ count: 3 }], undefined, NEEDY);
  w.join('plain');
  w.join('able', { capacity: 1, understands: ['f', 'g'] });
  decideAll(w);
  w.takeOver();
  decideAll(w);
  for (let given = [...w.assignments.keys()]; given.length > 0; given = [...w.assignments.keys()]) {
    for (const id of given) w.reportRest(id);
    decideAll(w);
  }
  t.is(w.planner.tally().succeeded, 3);
  t.is(w.state.classes.size, 0);
});

test('a type that is tried out keeps its trial while any class of it has tasks', (t) => {
  const w = world();
  w.join('plain', { capacity: 1 });
  w.submit('q', [{}]);
  w.submit('q', [{}], undefined, NEEDY);
  const [first] = assigned(decideAll(w));
  w.reportRest(first?.id ?? '');
  decideAll(w);
  t.true(w.state.speeds.probeOf('t')?.tried.some(({ id }) => id === 'plain'));
  w.planner.batchGone('B00001');
  t.is(w.state.speeds.size, 0);
});
