import test from 'ava';
import { check, sample } from '../../test/lines.js';

const judge = (...samples: unknown[]) => check('znodes are back where they began', { samples });

test('the count may rise in between', async (t) => {
  t.is((await judge(sample(1, { znodes: 90 }), sample(2, { znodes: 500 }), sample(3, { znodes: 90 }))).verdict, 'held');
});

test('what is left over at the end is broken', async (t) => {
  const { first } = await judge(sample(3, { znodes: 92 }), sample(1, { znodes: 90 }), sample(4, { leader: 's1' }));
  t.is(first?.what, '2 more znodes at the end (92) than at the beginning (90)');
});

test('one count says nothing', async (t) => {
  t.is((await judge(sample(1, { znodes: 90 }))).verdict, 'not checked');
});
