import { API_ERRORS } from '@drover/api';
import { CommandRefusedError, NoLeaderError, PartlyDoneError } from '@drover/client';
import { InvalidArgumentError, PayloadTooLargeError, TaskNotFoundError } from '@drover/core';
import test from 'ava';
import { ApiError } from './api-error.js';
import { apiErrorOf } from './errors-of-client.js';

test('what the client library throws has a code and the same words; a fault of the program has none', (t) => {
  t.like(apiErrorOf(new InvalidArgumentError('delay', 'soon', 'a duration')), {
    code: 'invalid-argument',
    status: 400,
    data: { field: 'delay' },
    message: 'delay: expected a duration, got "soon"',
  });
  t.like(apiErrorOf(new PayloadTooLargeError('t', 300_000, 262_144)), { status: 413, data: { limit: 262_144 } });
  t.like(apiErrorOf(new TaskNotFoundError('x')), { code: 'task-not-found' });
  t.like(apiErrorOf(new PartlyDoneError('retry', [], 9, new NoLeaderError(1))), { code: 'no-leader', status: 503 });
  t.like(apiErrorOf(new CommandRefusedError('no')), { code: 'conflict', message: 'no' });
  const own = new ApiError('removed', 'gone');
  t.is(apiErrorOf(own), own);
  for (const other of [new Error('bug'), new TypeError('bug'), 'text', null]) t.is(apiErrorOf(other), null);
});

test('an answer has the fields of its code and no others', (t) => {
  const errors = [new InvalidArgumentError('a', 'b', 'c'), new PayloadTooLargeError('t', 2, 1), new NoLeaderError(1)];
  for (const error of errors) {
    const { code, data } = apiErrorOf(error) ?? { code: 'internal' as const, data: {} };
    const known: readonly string[] = API_ERRORS[code].data;
    t.deepEqual(
      Object.keys(data).filter((name) => !known.includes(name)),
      [],
    );
  }
});
