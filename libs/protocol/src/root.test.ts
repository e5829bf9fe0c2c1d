import test from 'ava';
import { ancestry, splitConnectString, withRoot } from './root.js';

test('a connect string without a chroot, or with an empty one, means /drover', (t) => {
  t.is(withRoot('a:1,b:2'), 'a:1,b:2/drover');
  t.is(withRoot('a:1/'), 'a:1/drover');
  t.is(withRoot('[::1]:2181/prod/x/'), '[::1]:2181/prod/x');
  t.deepEqual(splitConnectString('a:1/x'), { hosts: 'a:1', root: '/x' });
});

test('the ancestry of a path names its parents first', (t) => {
  t.deepEqual(ancestry('/a/b/c'), ['/a', '/a/b', '/a/b/c']);
});
