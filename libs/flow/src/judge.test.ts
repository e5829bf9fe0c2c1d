import test from 'ava';
import { judge, type Ended } from './judge.js';
import type { After } from './plan.js';

const steps = (states: Record<string, Ended>, labels: Record<string, string> = {}) => ({
  ended: (step: string) => states[step] ?? null,
  label: (step: string) => labels[step] ?? null,
  failing: (step: string) => step === 'failing',
});
const on = (step: string, how: 'succeeded' | 'failed' | 'ended' = 'succeeded') => ({ step, on: how });

/** [title, what it waits for, how those ended, the verdict or the reason of the skip] */
const table: [string, After | undefined, Record<string, Ended>, string, Record<string, string>?][] = [
  ['nothing before it', undefined, {}, 'start'],
  ['one, not ended', { all: [{ step: 'a' }] }, { a: null }, 'wait'],
  ['one, succeeded', { all: [{ step: 'a' }] }, { a: 'succeeded' }, 'start'],
  ['one, failed', { all: [{ step: 'a' }] }, { a: 'failed' }, 'upstream a failed'],
  ['one, cancelled', { all: [{ step: 'a' }] }, { a: 'cancelled' }, 'upstream a was cancelled'],
  ['one, skipped: neutral', { all: [{ step: 'a' }] }, { a: 'skipped' }, 'upstream a was skipped'],
  ['failed, and it did', { all: [on('a', 'failed')] }, { a: 'failed' }, 'start'],
  ['failed, and it was cancelled', { all: [on('a', 'failed')] }, { a: 'cancelled' }, 'start'],
  ['failed, and it succeeded', { all: [on('a', 'failed')] }, { a: 'succeeded' }, 'upstream a succeeded'],
  ['ended, and it failed', { all: [on('a', 'ended')] }, { a: 'failed' }, 'start'],
  ['ended, and it was skipped', { all: [on('a', 'ended')] }, { a: 'skipped' }, 'start'],
  ['a join after a branch', { all: [on('a'), on('b')] }, { a: 'succeeded', b: 'skipped' }, 'start'],
  ['a join waits for all, also where one has failed', { all: [on('a'), on('b')] }, { a: 'failed', b: null }, 'wait'],
  ['a join, one failed', { all: [on('a'), on('b')] }, { a: 'succeeded', b: 'failed' }, 'upstream b failed'],
  ['a join, all skipped', { all: [on('a'), on('b')] }, { a: 'skipped', b: 'skipped' }, 'upstream a was skipped'],
  ['ended beside failed', { all: [on('a', 'ended'), on('b')] }, { a: 'succeeded', b: 'failed' }, 'upstream b failed'],
  ['ended beside skipped', { all: [on('a', 'ended'), on('b')] }, { a: 'skipped', b: 'skipped' }, 'start'],
  ['any, one of two', { any: [on('a'), on('b')] }, { a: 'failed', b: 'succeeded' }, 'start'],
  ['any waits for all', { any: [on('a'), on('b')] }, { a: 'succeeded', b: null }, 'wait'],
  ['any, one failed and one skipped', { any: [on('a'), on('b')] }, { a: 'skipped', b: 'failed' }, 'upstream b failed'],
  ['any, all skipped', { any: [on('a'), on('b')] }, { a: 'skipped', b: 'skipped' }, 'upstream a was skipped'],
  [
    'must, and it was skipped',
    { all: [on('a'), { step: 'b', must: true }] },
    { a: 'succeeded', b: 'skipped' },
    'upstream b was skipped',
  ],
  ['must, and it succeeded', { all: [{ step: 'a', must: true }] }, { a: 'succeeded' }, 'start'],
  ['a label', { all: [{ step: 'a', is: 'odd' }] }, { a: 'succeeded' }, 'start', { a: 'odd' }],
  [
    'another label',
    { all: [{ step: 'a', is: 'odd' }] },
    { a: 'succeeded' },
    "upstream a ended with 'ok', not 'odd'",
    { a: 'ok' },
  ],
  ['no label', { all: [{ step: 'a', is: 'odd' }] }, { a: 'succeeded' }, "upstream a ended with no label, not 'odd'"],
  ['a label, failed', { all: [{ step: 'a', is: 'odd' }] }, { a: 'failed' }, 'upstream a failed'],
  [
    'all of any: both hold',
    { all: [on('a'), { any: [on('b'), on('c')] }] },
    { a: 'succeeded', b: 'failed', c: 'succeeded' },
    'start',
  ],
  [
    'all of any: the group does not',
    { all: [on('a'), { any: [on('b'), on('c')] }] },
    { a: 'succeeded', b: 'failed', c: 'failed' },
    'upstream b failed',
  ],
  [
    'all of any: the group is neutral',
    { all: [on('a'), { any: [on('b'), on('c')] }] },
    { a: 'succeeded', b: 'skipped', c: 'skipped' },
    'start',
  ],
  [
    'any of all: one group',
    { any: [{ all: [on('a'), on('b')] }, on('c')] },
    { a: 'succeeded', b: 'succeeded', c: 'failed' },
    'start',
  ],
  [
    'any of all: none',
    { any: [{ all: [on('a'), on('b')] }, on('c')] },
    { a: 'succeeded', b: 'failed', c: 'skipped' },
    'upstream b failed',
  ],
  [
    'any of all: the group with its neutral edge',
    { any: [{ all: [on('a'), on('b')] }] },
    { a: 'skipped', b: 'succeeded' },
    'start',
  ],
];

for (const [title, after, states, expected, labels] of table)
  test(title, (t) => {
    const verdict = judge(after, steps(states, labels));
    t.is(verdict.kind === 'skip' ? verdict.reason : verdict.kind, expected);
  });

test('the first failure of a map is enough for a step that waits for nothing else', (t) => {
  const early = (step: string) => ({ step, on: 'failed', early: true }) as const;
  const verdict = (after: After) => judge(after, steps({ a: 'succeeded' })).kind;
  t.is(verdict({ all: [early('failing')] }), 'start');
  t.is(verdict({ all: [early('fine')] }), 'wait');
  t.is(verdict({ any: [early('fine'), early('failing')] }), 'start');
  t.is(verdict({ all: [early('failing'), { step: 'fine' }] }), 'wait');
  t.is(verdict({ all: [{ step: 'failing', on: 'failed' }] }), 'wait', 'only where the edge says so');
});
