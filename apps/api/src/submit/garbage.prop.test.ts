import { taskChecker, type TaskInput } from '@drover/client';
import { TASK_OPTION_NAMES } from '@drover/core';
import test from 'ava';
import fc from 'fast-check';
import { ApiError } from '../api-error.js';
import { apiErrorOf } from '../errors-of-client.js';
import { fingerprintOf, requestKeyOf } from './idempotency.decide.js';
import { BadLineError, jsonLines } from './ndjson.js';

const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('1s', '-1', '0', '1/s', 'default', 'a/b', NaN));
const options = fc.dictionary(
  fc.oneof(fc.constantFrom(...TASK_OPTION_NAMES, 'type', 'payload', '__proto__'), fc.string()),
  anything,
);

/** Runs it; what it throws must be an error that a caller can be told. */
function isTold(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (apiErrorOf(error) === null) throw error;
  }
}

test('whatever a body says, it is accepted or refused with a code', (t) => {
  fc.assert(
    fc.property(options, options, (task, defaults) => {
      isTold(() => taskChecker(defaults)(task as unknown as TaskInput));
    }),
  );
  t.pass();
});

test('whatever a key says, it leads to a batch, is stored, or is refused', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uuid(), fc.ulid()), fc.integer({ min: 0 }), (key, now) => {
      isTold(() => requestKeyOf(key, 'p', now));
    }),
  );
  t.pass();
});

test('a fingerprint does not depend on the order of fields', (t) => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, inner]) => [name, shuffled(inner)]),
    );
  };
  fc.assert(fc.property(fc.jsonValue(), (value) => t.is(fingerprintOf(shuffled(value)), fingerprintOf(value))));
});

test('lines are read whatever bytes come, however they are cut', async (t) => {
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array(),
      fc.constantFrom('{"a":1}\n', '\n', '[', '"ö"\n').map((s) => Buffer.from(s)),
    ),
  );
  const read = async (chunks: readonly Uint8Array[]): Promise<unknown[]> => {
    const found: unknown[] = [];
    try {
      for await (const each of jsonLines(streamOf(chunks))) found.push(each);
    } catch (error) {
      if (!(error instanceof BadLineError) || !(error instanceof ApiError)) throw error;
      found.push(error.line);
    }
    return found;
  };
  await fc.assert(
    fc.asyncProperty(pieces, async (chunks) => {
      const whole = Buffer.concat(chunks);
      t.deepEqual(await read(chunks), await read([...whole].map((byte) => Uint8Array.of(byte))));
    }),
  );
});

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}
