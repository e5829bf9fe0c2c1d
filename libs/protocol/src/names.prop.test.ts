import { isBatchId } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  assignmentName,
  compareResultNames,
  parseAssignmentName,
  parseResultName,
  resultName,
  type ResultName,
} from './names.js';
import {
  batchPath,
  bucketOf,
  BUCKETS,
  childOf,
  keyPath,
  LAYOUT,
  parseTasksPath,
  resultPath,
  ROOTS,
  TREE,
  workerAssignmentsPath,
  assignmentPath,
} from './paths.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.split('');
const anyBatch = fc
  .array(fc.constantFrom(...CROCKFORD), { minLength: 25, maxLength: 25 })
  .map((letters) => `0${letters.join('')}`);
const anyOrigin = fc.record({ epoch: fc.nat(), n: fc.nat() });
const anySpent = fc.record({ ranUs: fc.nat(), heldUs: fc.nat() });
const anyResult: fc.Arbitrary<ResultName> = fc
  .tuple(anyOrigin, fc.oneof(fc.nat(99), fc.constantFrom('ok' as const, 'end' as const)), fc.option(anySpent))
  .map(([origin, part, spent]) => ({ ...origin, part, ...(part === 'ok' && spent !== null ? { spent } : {}) }));

testProp("an assignment's name says its batch and where it comes from", [anyBatch, anyOrigin], (t, batch, origin) => {
  t.true(isBatchId(batch));
  t.deepEqual(parseAssignmentName(assignmentName(batch, origin)), { batch, ...origin });
});

testProp("a result's name says its assignment and part", [anyResult], (t, name) => {
  t.deepEqual(parseResultName(resultName(name)), name);
});

testProp('no other text is taken for a name', [fc.string()], (t, text) => {
  t.is(parseAssignmentName(text), null);
  const name = parseResultName(text);
  t.true(name === null || resultName(name) === text);
});

testProp(
  "results are ordered by epoch, assignment, part, and the leader's word is the last",
  [fc.array(anyResult)],
  (t, names) => {
    const sorted = [...names].sort(compareResultNames);
    const inOrder = sorted.every((name, at) => {
      const before = sorted[at - 1];
      return before === undefined || compareResultNames(before, name) <= 0;
    });
    t.true(inOrder);
    for (const { epoch, n, part } of names) {
      if (part === 'end') continue;
      t.true(compareResultNames({ epoch, n, part }, { epoch, n, part: 'end' }) < 0);
      t.true(compareResultNames({ epoch, n, part: 'end' }, { epoch, n: n + 1, part }) < 0);
    }
  },
);

testProp('the path of a batch and of its results say which they are', [anyBatch, anyResult], (t, batch, result) => {
  t.deepEqual(parseTasksPath(batchPath(batch)), { batch, result: null });
  const name = resultName(result);
  t.deepEqual(parseTasksPath(resultPath(batch, name)), { batch, result: name });
  t.true(BUCKETS.includes(bucketOf(batch)));
});

testProp('no other path below /tasks is taken for one', [fc.array(fc.string(), { maxLength: 5 })], (t, parts) => {
  t.is(parseTasksPath(`/tasks/${parts.join('/')}`), null);
});

testProp(
  'any key of any queue makes one path component, its own',
  [fc.string(), fc.string(), fc.string()],
  (t, queue, key, other) => {
    t.regex(keyPath(queue, key), /^\/keys\/[0-3][0-9a-f]\/[0-9a-f]{40}$/);
    if (key !== other) t.not(keyPath(queue, key), keyPath(queue, other));
  },
);

test('a child is named by its path, and by no other', (t) => {
  t.is(childOf(ROOTS.workers, '/workers/w1-ab'), 'w1-ab');
  for (const path of ['/workers', '/workers/', '/workers/a/b', '/workersx/a', '/schedulers/a'])
    t.is(childOf(ROOTS.workers, path), null, path);
});

test('the layout has every parent that the tree names, parents first', (t) => {
  for (const path of LAYOUT) {
    const parent = path.slice(0, path.lastIndexOf('/'));
    t.true(parent === '' || LAYOUT.indexOf(parent) < LAYOUT.indexOf(path), path);
  }
  const below = TREE.filter(([path]) => path !== '/');
  const roots = new Set(below.map(([path]) => `/${path.split('/')[1] ?? ''}`));
  t.deepEqual([...roots].sort(), Object.values<string>(ROOTS).sort());
});

test('what is out is found below its worker', (t) => {
  t.is(assignmentPath('w1-ab', 'x'), `${workerAssignmentsPath('w1-ab')}/x`);
});
