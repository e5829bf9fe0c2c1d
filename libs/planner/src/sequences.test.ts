import test from 'ava';
import { assigned, decideAll, world } from '../test/decide.js';

test('a failed task whose key is being taken again keeps its sequence waiting from when that is told', (t) => {
  const w = world();
  w.join('a', { capacity: 1 });
  const sequence = { key: 's', onFailure: 'continue' } as const;
  w.submit('q', [{ sequence, key: 'k', maxAttempts: 1 }], 'A');
  const out = (): string[] => assigned(decideAll(w)).map(({ batch, tasks }) => `${batch}.${tasks[0]?.[0]}`);
  const end = (outcome: 'failed' | 'succeeded'): void => {
    for (const id of [...w.assignments.keys()]) w.reportRest(id, outcome);
  };
  t.deepEqual(out(), ['A.0']);
  end('failed');
  t.deepEqual(out(), []);
  w.submit('q', [{ sequence, count: 2 }], 'B');
  w.retry([{ batch: 'A', index: 0 }]);
  // The claim has been written, and nobody has told the leader.
  w.deliver(1);
  w.plan();
  t.deepEqual(
    [...w.assignments.values()].map(({ fact }) => fact.batch),
    ['B'],
  );
  t.deepEqual(out(), []);
  end('succeeded');
  t.deepEqual(out(), ['A.0']);
  end('succeeded');
  t.deepEqual(out(), ['B.1']);
});
