import test from 'ava';
import { changedLimit, heldLimit, type KnownLimit } from './limits.decide.js';

const HELD: KnownLimit = {
  ...{ name: 'api', revision: 1, changedBy: { at: 0 }, shards: new Map(), unreadable: null },
  spec: { concurrency: 1, rate: null, on: null, per: 'key' },
  holds: new Map([
    ['acme', 500],
    ['over', 90],
  ]),
};
const holdsOf = (limit: KnownLimit | string): unknown => (typeof limit === 'string' ? limit : [...limit.holds]);

test('a hold takes those away that are over; one that ends takes its own away, that of the whole limit all', (t) => {
  t.deepEqual(holdsOf(heldLimit(HELD, '', 300, 100)), [
    ['acme', 500],
    ['', 300],
  ]);
  t.deepEqual(holdsOf(heldLimit(HELD, 'other', 0, 100)), [['acme', 500]]);
  t.deepEqual(holdsOf(heldLimit(HELD, 'acme', 0, 100)), []);
  t.deepEqual(holdsOf(heldLimit(HELD, '', 0, 100)), [], 'the next leader would hold the key again, this one does not');
});

test('a change that is carried out again is unchanged, one that another has gone past is a conflict', (t) => {
  const before = { ...HELD, revision: 3 };
  const change = (ifRevision: number | undefined, concurrency = 1): string =>
    changedLimit(before, { name: 'api', spec: { ...HELD.spec, concurrency }, ifRevision }, { at: 1 }).change;
  t.deepEqual(
    [undefined, 3, 2, 1, 4].map((at) => change(at)),
    ['unchanged', 'unchanged', 'unchanged', 'conflict', 'conflict'],
  );
  t.deepEqual(
    [undefined, 3, 2].map((at) => change(at, 2)),
    ['changed', 'changed', 'conflict'],
  );
});
