import test from 'ava';
import { countTap, isComplete, sumCounts } from './test-counts.mjs';

const report = (pass, fail) =>
  `TAP version 13\nok 1 - a\n\n1..${pass + fail}\n# tests ${pass + fail}\n# pass ${pass}\n# fail ${fail}\n\n`;

test('the counts are those of the summary', (t) => {
  t.deepEqual(countTap(report(12, 0), 0), { passed: 12, failed: 0 });
  t.deepEqual(countTap(report(10, 2), 1), { passed: 10, failed: 2 });
  t.deepEqual(countTap(report(3, 0).replace('# pass', '# skip 1\n# pass'), 0), { passed: 3, failed: 0 });
});

test('a run that fails without a failed test is a failure', (t) => {
  t.deepEqual(countTap(report(12, 0), 1), { passed: 12, failed: 1 });
});

test('a run that ends before its summary is a failure, whatever passed until then', (t) => {
  t.deepEqual(countTap('TAP version 13\nok 1 - a\nok 2 - b\n', 0), { passed: 2, failed: 1 });
  t.deepEqual(countTap('TAP version 13\nok 1 - a\nnot ok 2 - b\nnot ok 3 - c\n', 1), { passed: 1, failed: 2 });
  t.deepEqual(countTap('', 137), { passed: 0, failed: 1 });
});

test('a report is complete with its summary', (t) => {
  t.true(isComplete(report(1, 0)));
  t.false(isComplete(report(1, 0).replace(/# fail.*/, '')));
});

test('a run of no tests is a failure', (t) => t.deepEqual(countTap(report(0, 0), 0), { passed: 0, failed: 1 }));

test('a test that prints like a summary changes nothing', (t) => {
  t.deepEqual(countTap(`ok 1 - a\n# fail 7\n${report(1, 0)}`, 0), { passed: 1, failed: 0 });
});

test('failed checks count, and nothing at all is a failure', (t) => {
  t.deepEqual(
    sumCounts(
      [
        { passed: 2, failed: 1 },
        { passed: 3, failed: 0 },
      ],
      1,
    ),
    { passed: 5, failed: 2 },
  );
  t.deepEqual(sumCounts([], 0), { passed: 0, failed: 1 });
});
