import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import { InvalidArgumentError } from '../errors.js';
import { formatAmount, formatAmounts, parseAmounts, sameAmounts } from './amounts.js';
import { parseDemand, withSlots } from './parse-demand.js';

const refused = (t: ExecutionContext, given: unknown, parse = parseAmounts): InvalidArgumentError =>
  t.throws(() => parse('resources', given), { instanceOf: InvalidArgumentError });

test('amounts are whole numbers: bytes of memory and disk, thousandths of the rest', (t) => {
  t.deepEqual(parseAmounts('resources', { cpu: 1.5, memory: '8GiB', disk: 1024, 'licence.x': 2 }), {
    cpu: 1_500,
    disk: 1_024,
    'licence.x': 2_000,
    memory: 8 * 2 ** 30,
  });
  t.deepEqual(parseAmounts('resources', 'cpu=0.25, memory=1.5GiB'), { cpu: 250, memory: 1.5 * 2 ** 30 });
  t.deepEqual(parseAmounts('resources', { memory: '2MB' }), { memory: 2_000_000 });
});

test('amounts that make no sense are refused, and the error says which and what was expected', (t) => {
  t.regex(refused(t, { cpu: -1 }).message, /resources\.cpu: expected a number from 0/);
  for (const cpu of [NaN, Infinity, 0.0001, '1e3', '', '2 cores', 2 ** 53, [], {}, null]) refused(t, { cpu });
  for (const memory of [-1, 0.5, '8 apples', '8gb', 'GiB', '9000000TiB']) refused(t, { memory });
  t.regex(refused(t, { CPU: 1 }).message, /the name of a resource/);
  t.regex(refused(t, 'cpu').message, /NAME=AMOUNT/);
  t.regex(refused(t, 'cpu=1,cpu=2').message, /'cpu' once/);
  t.regex(refused(t, Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`r${n}`, 1]))).message, /16 at most/);
  for (const given of [null, [], 5, undefined]) refused(t, given);
});

testProp(
  'amounts that are written are read back as the same',
  [
    fc.dictionary(fc.constantFrom('cpu', 'memory', 'disk', 'gpu', 'licence.x'), fc.nat({ max: 2 ** 40 }), {
      minKeys: 1,
    }),
  ],
  (t, amounts) => {
    t.true(sameAmounts(parseAmounts('resources', formatAmounts(amounts)), amounts), formatAmounts(amounts));
  },
);

test('amounts are written as people write them', (t) => {
  t.is(formatAmount('memory', 8 * 2 ** 30), '8GiB');
  t.is(formatAmount('memory', 1.5 * 2 ** 30), '1.5GiB');
  t.is(formatAmount('memory', 1_000), '1000');
  t.is(formatAmount('cpu', 500), '0.5');
});

test('a task has whole devices, or 1/k of one', (t) => {
  t.deepEqual(parseDemand('resources', { gpu: 2 }), { gpu: 2_000 });
  t.deepEqual(parseDemand('resources', { gpu: 1 / 3 }), { gpu: 333 });
  t.deepEqual(parseDemand('resources', { gpu: 0.333 }), { gpu: 333 });
  t.deepEqual(parseDemand('resources', 'gpu=0.5'), { gpu: 500 });
  t.regex(refused(t, { gpu: 0.3 }, parseDemand).message, /0\.333 \(1\/3\), 0\.25 \(1\/4\)/);
  t.regex(refused(t, { gpu: 1.5 }, parseDemand).message, /never parts of two/);
  refused(t, { gpu: 1 / 17 }, parseDemand);
});

test('a task needs one slot unless it says otherwise, and never nothing', (t) => {
  t.deepEqual(withSlots(null), { slots: 1_000 });
  t.deepEqual(withSlots({ cpu: 500 }), { cpu: 500, slots: 1_000 });
  t.deepEqual(withSlots(parseDemand('resources', { slots: 0, cpu: 1 })), { slots: 0, cpu: 1_000 });
  t.regex(refused(t, { slots: 0 }, parseDemand).message, /it would need nothing/);
  refused(t, { slots: 0, cpu: 0 }, parseDemand);
});
