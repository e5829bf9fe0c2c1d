import { fc, testProp } from '@fast-check/ava';
import { Devices } from './devices.js';
import type { Demand } from './dimensions.js';
import { FreeTree } from './free-tree.js';

const DIMS = 3;
const anyVector = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: DIMS, maxLength: DIMS });
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), place: fc.nat(20), vector: anyVector }),
  fc.record({ kind: fc.constant('clear' as const), place: fc.nat(20) }),
);

const demandOf = (needs: readonly number[]): Demand => ({
  amounts: {},
  dims: needs.map((_, at) => at),
  needs,
  devices: [],
  isPart: false,
  isImpossible: false,
});

testProp(
  'the tree finds the first place with room that a walk over all finds',
  [fc.array(anyStep, { maxLength: 40 }), anyVector.map(demandOf), fc.nat(22), fc.boolean()],
  (t, steps, demand, from, widens) => {
    const tree = new FreeTree(widens ? 2 : DIMS);
    if (widens) tree.widen(DIMS);
    const naive = new Map<number, readonly number[]>();
    for (const step of steps)
      if (step.kind === 'set') {
        tree.set(step.place, Float64Array.from(step.vector));
        naive.set(step.place, step.vector);
      } else {
        tree.clear(step.place);
        naive.delete(step.place);
      }
    const fitting = [...naive]
      .filter(([, vector]) => demand.needs.every((needs, at) => (vector[at] ?? 0) >= needs))
      .map(([place]) => place)
      .sort((a, b) => a - b);
    t.is(tree.first(demand, from, { left: Infinity }), fitting.find((place) => place >= from) ?? -1);
    for (let place = 0; place <= 20; place++) t.is(tree.fits(place, demand), fitting.includes(place));
    if (fitting.length > 0) t.true(tree.mayFit(demand));
  },
);

testProp(
  'places keep their amounts when vectors grow longer',
  [fc.array(anyVector, { minLength: 1, maxLength: 12 })],
  (t, vectors) => {
    const tree = new FreeTree(DIMS);
    vectors.forEach((vector, place) => {
      tree.set(place, Float64Array.from(vector));
    });
    tree.widen(2 * DIMS);
    vectors.forEach((vector, place) => {
      vector.forEach((amount, dim) => {
        t.is(tree.at(place, dim), amount);
      });
      t.is(tree.at(place, DIMS), 0);
    });
    t.is(tree.at(vectors.length, 0), -1);
  },
);

testProp(
  'no device is held beyond one, whole ones go to nobody else, and all is free when all is released',
  [fc.array(fc.constantFrom(1000, 2000, 500, 333, 250), { maxLength: 30 }), fc.infiniteStream(fc.boolean())],
  (t, amounts, releases) => {
    const names = ['0', '1', '2'];
    const devices = new Devices(names);
    const held: { names: readonly string[]; amount: number }[] = [];
    const of = (name: string): number =>
      held.reduce((sum, each) => sum + (each.names.includes(name) ? Math.min(1000, each.amount) : 0), 0);
    for (const amount of amounts) {
      const times = devices.times(amount);
      const taken = devices.take(amount);
      t.is(taken !== null, times > 0);
      if (taken !== null) {
        t.is(taken.length, Math.max(1, amount / 1000));
        held.push({ names: taken, amount });
      }
      for (const name of names) t.true(of(name) <= 1000);
      const [first] = held;
      if (first !== undefined && releases.next().value === true) {
        devices.release(first.names, first.amount);
        held.shift();
      }
    }
    for (const each of held) devices.release(each.names, each.amount);
    t.is(devices.whole, 3000);
  },
);
