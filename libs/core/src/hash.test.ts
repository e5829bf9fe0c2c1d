import test from 'ava';
import { fnv1a, hash, mixed } from './hash.js';

test('hashes are those of the earlier releases: names and places follow from them', (t) => {
  t.deepEqual(['', 'a', 'foobar'].map(fnv1a), [0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  t.deepEqual([0, 1, 2].map(mixed), [0, 0x514e28b7, 0x30f4c306]);
  t.is(hash('a'), mixed(fnv1a('a')));
});
