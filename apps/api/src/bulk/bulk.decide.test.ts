import { SHOWN_STATES } from '@drover/core';
import test from 'ava';
import { fateOf, isActedOn, stepOf, type BulkAction } from './bulk.decide.js';
import { FrozenIds } from './frozen-ids.js';

test('a preview counts the tasks that the action can change', (t) => {
  t.deepEqual(
    SHOWN_STATES.filter((state) => isActedOn('retry', state)),
    ['failed'],
  );
  t.deepEqual(
    SHOWN_STATES.filter((state) => isActedOn('cancel', state)),
    ['scheduled', 'pending', 'assigned', 'running', 'retrying'],
  );
});

test('what became of a task is one of three, by the state in which the leader found it', (t) => {
  const fate = (action: BulkAction, state: string | undefined, isRepeated = false) =>
    fateOf({ action }, { id: 'x', ok: false, ...(state === undefined ? {} : { state }) }, isRepeated);
  t.is(fateOf({ action: 'retry' }, { id: 'x', ok: true, state: 'pending' }, false), 'done');
  t.is(fate('retry', 'pending'), 'skipped');
  t.is(fate('retry', 'pending', true), 'done', 'the command before did it, and was not answered');
  t.is(fate('retry', 'succeeded', true), 'skipped');
  t.is(fate('retry', 'failed'), 'failed', 'another task has its key');
  t.is(fate('retry', 'unknown'), 'skipped');
  t.is(fate('cancel', 'succeeded'), 'skipped');
  t.is(fate('cancel', 'cancelled', true), 'done');
  t.is(fate('cancel', 'unreadable'), 'failed');
  t.is(fate('cancel', undefined), 'failed');
});

test('commands are of 500 tasks at most, and keep to the rate', (t) => {
  t.deepEqual(stepOf('unlimited', 1_200), { tasks: 500, ms: 0 });
  t.deepEqual(stepOf(500, 1_200), { tasks: 500, ms: 1_000 });
  t.deepEqual(stepOf(2_000, 1_200), { tasks: 500, ms: 250 });
  t.deepEqual(stepOf(20, 7), { tasks: 7, ms: 350 });
  t.deepEqual(stepOf(0.5, 7), { tasks: 1, ms: 2_000 });
});

test('frozen ids come back as they were added, and a cursor finds its place whether its task is there or not', (t) => {
  const frozen = new FrozenIds();
  const ids = Array.from(
    { length: 5_000 },
    (_, n) => `01KDVDK0000000000000000${String(100 + Math.floor(n / 7))}.${(n % 7) * 2}`,
  );
  for (const id of ids) frozen.add(id);
  t.is(frozen.length, ids.length);
  t.deepEqual(frozen.slice(0, Infinity), ids);
  t.deepEqual(frozen.slice(4_998, 6_000), ids.slice(4_998));
  for (const at of [0, 1, 6, 7, 2_499, 4_999]) t.is(frozen.behind(ids[at] ?? ''), at + 1);
  t.is(frozen.behind('01KDVDK0000000000000000100.3'), 2);
  t.is(frozen.behind('01KDVDK0000000000000000000.0'), 0);
  t.is(frozen.behind('7ZZZZZZZZZZZZZZZZZZZZZZZZZ.0'), 5_000);
});
