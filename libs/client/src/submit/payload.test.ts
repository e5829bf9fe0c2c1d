import test from 'ava';
import { InvalidArgumentError } from '@drover/core';
import { encodePayload } from './payload.js';

test('a payload is its JSON, no payload is null', (t) => {
  const given: [payload: unknown, json: string][] = [
    [undefined, 'null'],
    [null, 'null'],
    [-0, '0'],
    ['a\ud800', '"a\\ud800"'],
    [{ a: null, b: {}, c: [], d: undefined, e: () => 1 }, '{"a":null,"b":{},"c":[]}'],
    [[null, {}], '[null,{}]'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [Object.create(null), '{}'],
    [{ toJSON: () => null }, 'null'],
    [new Uint8Array([1]), '{"0":1}'],
  ];
  for (const [payload, json] of given) t.is(encodePayload('a', payload).json, json);
});

test('half a surrogate pair in a payload comes back as it was', (t) => {
  const payload = { '\udc00': 'a\ud800' };
  t.deepEqual(JSON.parse(encodePayload('a', payload).json), payload);
});

test('what JSON would lose without a word is refused, however deep it is, and the message says what and where', (t) => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const refused: [payload: unknown, why: RegExp][] = [
    [() => 1, /it is a function$/],
    [Symbol('s'), /it is a symbol$/],
    [1n, /BigInt/],
    [{ a: [1n] }, /BigInt/],
    [cycle, /circular/],
    [NaN, /it is NaN$/],
    [{ a: [1, Infinity] }, /\[1\] is Infinity$/],
    [{ a: { b: -Infinity } }, /'b' is -Infinity$/],
    [[undefined], /\[0\] is undefined$/],
    [[() => 1], /\[0\] is a function$/],
    [{ at: new Date(NaN) }, /'at' is an invalid date$/],
    [{ seen: new Map([[1, 2]]) }, /'seen' is an instance of Map$/],
    [new Set([1]), /it is an instance of Set$/],
    [{ error: new Error('x') }, /'error' is an instance of Error$/],
    [{ pattern: /x/ }, /'pattern' is an instance of RegExp$/],
  ];
  for (const [payload, why] of refused) {
    const error = t.throws(() => encodePayload('a', payload), { instanceOf: InvalidArgumentError, message: why });
    t.regex(error.message, /^payload is not JSON-serializable: /);
    t.is(error.argument, 'payload');
  }
});
