import test from 'ava';
import { questionOf } from './confirm.js';

const QUESTION = { verb: 'cancel', done: 'cancelled', found: '3 tasks' };

test('few things want a y, many their number, and a context that says so its name', (t) => {
  const few = questionOf(QUESTION, null);
  t.is(few.text, 'cancel 3 tasks? [y/N] ');
  t.true(few.isYes(' Yes\n'));
  t.false(few.isYes(''));
  const many = questionOf({ ...QUESTION, count: 12_408 }, { name: 'prod' });
  t.true(many.isYes('12408'));
  t.true(many.isYes('12,408'));
  t.false(many.isYes('y'));
  const guarded = questionOf(QUESTION, { name: 'prod', confirm: 'type-name' });
  t.true(guarded.isYes('prod'));
  t.false(guarded.isYes('y'));
});
