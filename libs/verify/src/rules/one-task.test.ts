import test from 'ava';
import { check, start, submit, told, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('one task a submit', lines);

test('the same id everywhere holds; lines without one say nothing', async (t) => {
  const operations = [...submit(0, { id: 'A.0' }), told(9)];
  t.is((await judge({ operations, effects: [start(2, 1, { id: 'A.0' })] })).verdict, 'held');
  t.is((await judge({ operations: submit(0) })).verdict, 'not checked');
});

test('a submit that made two tasks is broken', async (t) => {
  const effects = [start(2, 1, { id: 'A.0' }), start(3, 1, { id: 'B.0', token: 11 })];
  const { first } = await judge({ operations: submit(0), effects });
  t.is(first?.what, 'it is A.0, and it is B.0');
});
