import { testProp, fc } from '@fast-check/ava';
import test from 'ava';
import { Chroot, pathProblem } from './paths.js';

const part = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);

testProp(
  'a chroot is added and removed without a trace',
  [path, fc.oneof(path, fc.constant('/'))],
  (t, root, client) => {
    const chroot = new Chroot(root);
    t.is(pathProblem(chroot.toServer(client)), null);
    t.is(chroot.toClient(chroot.toServer(client)), client);
  },
);

testProp('what lies outside the chroot has no path inside', [path, part], (t, root, rest) => {
  const chroot = new Chroot(root);
  t.is(chroot.toClient(`${root}${rest}`), null);
  t.is(chroot.toClient(`/${rest}!`), null);
});

test('without a chroot paths stay as they are', (t) => {
  const chroot = new Chroot('');
  t.is(chroot.toServer('/'), '/');
  t.is(chroot.toClient('/a'), '/a');
});

for (const bad of ['', 'a', '/a/', '//', '/a//b', '/a/./b', '/..', '/a\0b']) {
  test(`${JSON.stringify(bad)} is no path`, (t) => {
    t.not(pathProblem(bad), null);
  });
}

test('only a sequential name may end with /', (t) => {
  t.is(pathProblem('/a/', true), null);
  t.is(pathProblem('/a.b/..c'), null);
});
