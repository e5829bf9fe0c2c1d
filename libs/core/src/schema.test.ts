import test from 'ava';
import { InvalidPayloadError, isPayloadSchema, validatePayload, type PayloadSchema } from './schema.js';

type Result = Awaited<ReturnType<PayloadSchema['~standard']['validate']>>;

function schemaOf(validate: (value: unknown) => Result | Promise<Result>): PayloadSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

test('a payload becomes what its schema makes of it, at once or later', async (t) => {
  const double = (value: unknown): Result => ({ value: Number(value) * 2 });
  t.is(validatePayload('a', schemaOf(double), 2), 4);
  t.is(
    await validatePayload(
      'a',
      schemaOf((value) => Promise.resolve(double(value))),
      2,
    ),
    4,
  );
});

test('a refusal says the type, and every issue with the path of its field', async (t) => {
  const issues = [
    { message: 'expected text', path: ['size', { key: 0 }, Symbol('x')] },
    { message: 'is empty', path: [] },
    { message: 'is odd' },
  ];
  const message = "payload of the 'resize' task: size.0.Symbol(x): expected text; is empty; is odd";
  const error = t.throws(
    () =>
      validatePayload(
        'resize',
        schemaOf(() => ({ issues })),
        1,
      ),
    { message },
  );
  t.like(error, { type: 'resize', retryable: false });
  const later = Promise.resolve(
    validatePayload(
      'resize',
      schemaOf(() => Promise.resolve({ issues })),
      1,
    ),
  );
  await t.throwsAsync(later, { instanceOf: InvalidPayloadError, message });
});

test('schemas are objects or functions that speak version 1', (t) => {
  const schema = schemaOf(() => ({ value: 1 }));
  t.true(isPayloadSchema(schema));
  t.true(isPayloadSchema(Object.assign(() => 1, schema)));
  for (const value of [null, undefined, 1, {}, () => 1, { '~standard': null }, { '~standard': { version: 2 } }])
    t.false(isPayloadSchema(value));
});

test('no payload is null, and undefined for a schema that takes only that', async (t) => {
  const onlyUndefined = (value: unknown): Result =>
    value === undefined ? { value: 'default' } : { issues: [{ message: `not for ${JSON.stringify(value)}` }] };
  const later = (validate: (value: unknown) => Result) => (value: unknown) => Promise.resolve(validate(value));
  t.is(validatePayload('a', schemaOf(onlyUndefined), null), 'default');
  t.is(await validatePayload('a', schemaOf(later(onlyUndefined)), null), 'default');
  const nothing = (value: unknown): Result => ({ issues: [{ message: `not ${JSON.stringify(value)}` }] });
  t.throws(() => validatePayload('a', schemaOf(nothing), null), { message: /not null$/ });
  t.throws(() => validatePayload('a', schemaOf(onlyUndefined), 1), { message: /not for 1$/ });
  t.is(
    validatePayload(
      'a',
      schemaOf((value) => ({ value })),
      null,
    ),
    null,
  );
});
