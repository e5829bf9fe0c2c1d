import test from 'ava';
import * as z from 'zod';
import type { ApiError } from '../api-error.js';
import { checked } from './validate.js';

const schema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  order: z.enum(['newest', 'oldest']).default('newest'),
  reason: z.string().max(5).optional(),
  tasks: z.array(z.looseObject({ type: z.string() })).optional(),
});

test('a value that fits comes back with its defaults', (t) => {
  t.deepEqual(checked(schema, { limit: '7' }, 'query'), { limit: 7, order: 'newest' });
});

test('a value that does not fit is named, with what was expected and what was given', (t) => {
  const cases: [given: unknown, message: RegExp, field: string][] = [
    [{ limit: '501' }, /^limit: expected a number of at most 500, got "501"$/, 'limit'],
    [{ limit: '0' }, /^limit: expected a number of at least 1, got "0"$/, 'limit'],
    [{ limit: 'x' }, /^limit: expected a value of the type number, got "x"$/, 'limit'],
    [{ order: 'up' }, /^order: expected one of "newest", "oldest", got "up"$/, 'order'],
    [{ reason: 'too long' }, /^reason: expected text of at most 5 characters, got "too long"$/, 'reason'],
    [
      { tasks: [{ type: 'a' }, {}] },
      /^tasks\.1\.type: expected a value of the type string, it is missing$/,
      'tasks.1.type',
    ],
    [{ resaon: 'x' }, /^unknown field 'resaon' in the body; did you mean 'reason'\?$/, 'resaon'],
    [{ xyz: 1 }, /^unknown field 'xyz' in the body; there are limit, order, reason, tasks$/, 'xyz'],
    [null, /^body: expected a value of the type object, got null$/, 'body'],
  ];
  for (const [given, message, field] of cases) {
    const error = t.throws<ApiError>(() => checked(schema, given, 'body'), { message }, JSON.stringify(given));
    t.is(error.data.field, field);
  }
});
