import { LIMITS } from '@drover/core';
import test from 'ava';
import { parseTaskLine } from './task-line.js';

function problemOf(line: string): string {
  const parsed = parseTaskLine(line);
  return 'problem' in parsed ? parsed.problem : 'none';
}

test('a line with everything is a task', (t) => {
  const task = {
    type: 'resize',
    payload: { n: 1 },
    queue: 'images',
    maxAttempts: 5,
    timeout: '30s',
    delay: 0,
    key: 'k',
  };
  t.deepEqual(parseTaskLine(JSON.stringify(task)), { task });
  t.deepEqual(parseTaskLine('{"type":"a","max-attempts":2}'), { task: { type: 'a', maxAttempts: 2 } });
});

test('the type of the command line is that of lines without one', (t) => {
  t.deepEqual(parseTaskLine('{"payload":1}', 'echo'), { task: { type: 'echo', payload: 1 } });
  t.deepEqual(parseTaskLine('{"type":"own"}', 'echo'), { task: { type: 'own' } });
});

test('what is wrong with a line is said with the field, what was expected and what was given', (t) => {
  t.regex(problemOf('{"type":'), /^not JSON: /);
  t.regex(problemOf('[1]'), /^expected an object/);
  t.is(problemOf('{}'), 'missing field "type"');
  t.is(problemOf('{"type":"a","paylod":1}'), "unknown field 'paylod'; did you mean 'payload'?");
  t.regex(problemOf('{"type":"a b"}'), /^type: expected a task type.*got "a b"$/);
  t.regex(problemOf('{"type":"a","queue":"../x"}'), /^queue: expected/);
  t.regex(problemOf('{"type":"a","maxAttempts":0}'), /^maxAttempts: expected a whole number from 1 to 100, got 0$/);
  t.regex(problemOf('{"type":"a","timeout":"soon"}'), /^timeout: expected/);
  t.regex(problemOf('{"type":"a","delay":-1}'), /^delay: expected/);
});

test('a retry policy that no scheduler could read is refused, with the field', (t) => {
  const problem = (retry: unknown) => problemOf(JSON.stringify({ type: 'a', retry }));
  t.is(problem({ kind: 'constant', delayMs: 1_000, jitter: 0.1 }), 'none');
  t.is(problem({ jitter: '0.1' }), 'retry.jitter: expected a share from 0 to 1, got "0.1"');
  t.regex(problem({ kind: 'fibonacci' }), /^retry\.kind: expected 'constant', 'linear' or 'exponential'/);
  t.is(problem({ delay: '5s' }), 'retry: unknown option "delay"; did you mean "delayMs"?');
  t.regex(problem('constant'), /^retry: expected an object/);
  t.regex(problemOf('{"type":"a","key":"a\\ud800"}'), /^key: expected well-formed Unicode/);
});

test('a field that is given twice is refused, also by its other name; names inside a payload are not looked at', (t) => {
  const twice = (name: string) => `the field '${name}' is given more than once; keep one of them`;
  t.is(problemOf('{"type":"a","queue":"x","queue":"y"}'), twice('queue'));
  t.is(problemOf('{"type":"a","t\\u0079pe":"a"}'), twice('type'));
  t.is(problemOf('{"type":"a","retry":{"kind":"linear","kind":"constant"}}'), twice('kind'));
  t.is(
    problemOf('{"type":"a","maxAttempts":2,"max-attempts":5}'),
    "'maxAttempts' and 'max-attempts' are the same field; keep one of them",
  );
  t.is(
    problemOf('{"type":"a","max_attempts":2,"max-attempts":5}'),
    "'max_attempts' and 'max-attempts' are the same field; keep one of them",
  );
  t.is(problemOf('{"type":"a","payload":{"type":"b","a":1,"a":2}}'), 'none');
});

test('a payload is measured in bytes of JSON', (t) => {
  const line = (chars: number) => JSON.stringify({ type: 'a', payload: 'é'.repeat(chars) });
  t.is(problemOf(line(LIMITS.payloadBytes / 2 - 1)), 'none');
  t.regex(
    problemOf(line(LIMITS.payloadBytes / 2)),
    /^payload: expected at most 262144 bytes of JSON, got 262146 bytes$/,
  );
});

test('names that every object has are unknown fields like any other', (t) => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    for (const defaultType of [undefined, 'echo'])
      t.regex(
        (parseTaskLine(`{"type":"a","${name}":1}`, defaultType) as { problem: string }).problem,
        new RegExp(`^unknown field '${name}'`),
      );
});

test('what is nested too deeply to be written again is refused', (t) => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  t.is(
    problemOf(`{"type":"a","payload":${deep}}`),
    'payload: expected at most 262144 bytes of JSON, nested too deeply',
  );
  t.regex(problemOf(`{"type":"a","timeout":${deep}}`), /^timeout: expected /);
});

test('a number that would reach the handler as another one is refused, in every field', (t) => {
  t.regex(
    problemOf('{"type":"a","payload":{"id":12345678901234567890}}'),
    /^the number 12345678901234567890 would be read as 12345678901234567000; write it as text: "12345678901234567890"$/,
  );
  t.regex(problemOf('{"type":"a","payload":1e400}'), /^the number 1e400 would be read as Infinity/);
  t.is(problemOf('{"type":"a","payload":{"id":"12345678901234567890"}}'), 'none');
});

test('whatever the client would refuse is a problem of its line', (t) => {
  for (const [retry, message] of [
    ['{"kind":"sometimes"}', /^retry.kind: expected .*, got "sometimes"$/],
    ['{"kind":"constant","delayMs":-1}', /^retry.delayMs: expected/],
    ['{"kind":"constant","delayMs":1000,"jitter":"0.1"}', /^retry.jitter: expected/],
    ['{"delay":"5s"}', /delay/],
    ['"constant"', /^retry: expected/],
  ] as const)
    t.regex(problemOf(`{"type":"a","retry":${retry}}`), message, retry);
  t.is(problemOf('{"type":"a","retry":{"kind":"constant","delayMs":1000,"jitter":0.1}}'), 'none');
});
