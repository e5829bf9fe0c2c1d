import test from 'ava';
import { ById } from './by-id.js';

const entry = (id: string): { id: string; removed: boolean } => ({ id, removed: false });
const ids = (from: Iterable<{ id: string }>): string => [...from].map(({ id }) => id).join('');

test('the newest first, from an id on, in whatever order they came; those that are gone are not there', (t) => {
  const list = new ById<{ id: string; removed: boolean }>();
  const [b, d] = [entry('b'), entry('d')];
  list.fill();
  for (const each of [d, b, entry('a')]) list.add(each);
  list.sort();
  list.add(entry('e'));
  list.add(entry('c'));
  t.is(ids(list.downFrom(null)), 'edcba');
  t.is(ids(list.downFrom('d')), 'dcba');
  t.is(ids(list.downFrom('cc')), 'cba');
  d.removed = true;
  list.forget();
  t.is(ids(list.downFrom('d')), 'cba');
  for (let n = 0; n < 1_200; n++) list.add({ id: `f${n}`, removed: true });
  for (let n = 0; n < 1_200; n++) list.forget();
  list.add(entry('z'));
  t.is(ids(list.downFrom(null)), 'zecba');
});
