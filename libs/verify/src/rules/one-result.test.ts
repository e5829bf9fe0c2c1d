import test from 'ava';
import { check, end, start, submit, told, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('one accepted result', lines);
const effects = [start(2), end(3, 1, { value: { n: 1 } })];

test('a result of the attempt that began and ended holds, told to whomever', async (t) => {
  const operations = [...submit(0), told(5, { attempt: 1, value: { n: 1 } }), told(6, { value: { n: 1 } })];
  const { verdict, checked } = await judge({ operations, effects });
  t.deepEqual({ verdict, checked }, { verdict: 'held', checked: 1 });
});

test('a failure needs no end of a handler: workers may be lost with it', async (t) => {
  t.is((await judge({ operations: [...submit(0), told(5, { outcome: 'failed' })] })).verdict, 'held');
});

const BROKEN: [what: string, lines: Lines, says: RegExp][] = [
  [
    'two clients are told different values',
    { operations: [told(5, { value: 1 }), told(6, { value: 2 })], effects: [start(2), end(3)] },
    /told value 1, and value 2/,
  ],
  [
    'two clients are told different attempts',
    { operations: [told(5, { attempt: 1 }), told(6, { attempt: 2 })], effects },
    /told attempt 1, and attempt 2/,
  ],
  ['nothing ended', { operations: [told(5)], effects: [start(2)] }, /by no attempt came to a good end/],
  [
    'the attempt never ended',
    { operations: [told(5, { attempt: 2 })], effects },
    /by attempt 2, which never came to a good end/,
  ],
  [
    'the attempt failed',
    { operations: [told(5, { attempt: 1 })], effects: [start(2), end(3, 1, { outcome: 'failed' })] },
    /never came to a good end/,
  ],
  ['the attempt never began', { operations: [told(5, { attempt: 1 })], effects: [end(3)] }, /which never began/],
  ['it had not ended yet', { operations: [told(2.5)], effects }, /before it had ended/],
  ['it is not what was returned', { operations: [told(5, { value: { n: 2 } })], effects }, /told the value \{"n":2\}/],
  [
    'a newer attempt began',
    { operations: [told(5, { attempt: 1 })], effects: [...effects, start(4, 2)] },
    /attempt 1 was accepted, and attempt 2 began/,
  ],
  [
    'a newer attempt began than any that can have been accepted',
    { operations: [told(5)], effects: [...effects, start(4, 2)] },
    /attempt 1 was accepted, and attempt 2 began/,
  ],
];
for (const [what, lines, says] of BROKEN) {
  test(`broken: ${what}`, async (t) => {
    const { verdict, first } = await judge(lines);
    t.is(verdict, 'broken');
    t.regex(first?.what ?? '', says);
  });
}

test('clocks that differ are allowed for, as far as was said', async (t) => {
  const lines = { operations: [told(2.5)], effects };
  t.is((await check('one accepted result', lines, { clockErrorMs: 1 })).verdict, 'held');
});
