import test from 'ava';
import { changeIn, consequencesOf, UNCHANGED } from './task-change.decide.js';

const task = { queue: 'mail', priority: 2 };

test('only what differs is changed', (t) => {
  t.deepEqual(changeIn(UNCHANGED, task), { missing: 'Nothing would change' });
  t.deepEqual(changeIn({ ...UNCHANGED, priority: '2', queue: 'mail' }, task), { missing: 'Nothing would change' });
  t.deepEqual(changeIn({ ...UNCHANGED, priority: ' 5 ', queue: 'bulk' }, task), {
    change: { priority: 5, queue: 'bulk' },
  });
  t.deepEqual(changeIn({ ...UNCHANGED, priority: '0' }, { queue: 'mail' }), { missing: 'Nothing would change' });
  t.deepEqual(changeIn({ ...UNCHANGED, when: 'now' }, task), { change: { now: true } });
  t.deepEqual(changeIn({ ...UNCHANGED, when: 'later', delay: '2h' }, task), { change: { delay: '2h' } });
});

test('what is wrong is told before anything is asked', (t) => {
  for (const form of [
    { ...UNCHANGED, priority: '10' },
    { ...UNCHANGED, priority: '1.5' },
    { ...UNCHANGED, queue: 'a b' },
    { ...UNCHANGED, when: 'later' as const, delay: 'soon' },
    { ...UNCHANGED, when: 'later' as const, delay: '2y' },
  ])
    t.true('missing' in changeIn(form, task), JSON.stringify(form));
});

test('who moves a task hears of its new id', (t) => {
  t.is(consequencesOf({ now: true }).length, 1);
  t.regex(consequencesOf({ queue: 'bulk' }).join(' '), /queue bulk.*new id/);
});
