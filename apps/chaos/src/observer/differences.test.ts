import test from 'ava';
import { unlike } from './differences.js';

const tree = (...paths: [path: string, state: string][]): Map<string, string> => new Map(paths);

test('servers that have the same znodes in the same state are alike', (t) => {
  t.deepEqual(unlike([tree(['/', '1 1'], ['/a', '2 0']), tree(['/a', '2 0'], ['/', '1 1'])]), []);
});

test('a znode that one server lacks, or has in an older state, is a difference', (t) => {
  const whole = tree(['/', '1 2'], ['/a', '2 0'], ['/b', '3 0']);
  t.deepEqual(unlike([whole, tree(['/', '1 2'], ['/a', '2 0']), whole]), ['/b']);
  t.deepEqual(unlike([whole, whole, tree(['/', '1 2'], ['/a', '1 0'], ['/b', '3 0'])]), ['/a']);
});
