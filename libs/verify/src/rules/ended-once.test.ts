import test from 'ava';
import { check, end, start, submit, told, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('acknowledged tasks end once', lines);

test('an acknowledged task whose end was told holds, however often it was told', async (t) => {
  const { verdict, checked } = await judge({ operations: [...submit(0), told(5), told(9)] });
  t.deepEqual({ verdict, checked }, { verdict: 'held', checked: 1 });
});

test('an acknowledged task that nobody was told the end of is lost', async (t) => {
  const { verdict, first } = await judge({ operations: submit(0), effects: [start(2), end(3)] });
  t.is(verdict, 'broken');
  t.is(first?.task, 't');
  t.deepEqual(
    first?.history.map(({ at, from }) => [at, from]),
    [
      [0, 'operations'],
      [1, 'operations'],
      [2, 'effects'],
      [3, 'effects'],
    ],
  );
});

test('a task that ended in two ways is broken', async (t) => {
  const { first } = await judge({ operations: [...submit(0), told(5), told(6, { outcome: 'failed' })] });
  t.like(first, { at: 6, what: 'it ended as succeeded, and it ended as failed' });
});

test('a submit of which nobody knows may have made a task, or none', async (t) => {
  const [invoke] = submit(0);
  const unknown = { ...invoke, at: 5, type: 'info' };
  t.is((await judge({ operations: [invoke, unknown] })).verdict, 'not checked');
  t.is((await judge({ operations: [invoke, unknown, told(9)] })).verdict, 'held');
});
