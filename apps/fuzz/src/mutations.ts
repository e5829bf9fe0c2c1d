import fc from 'fast-check';

/** A change of good bytes. `at` and `length` are taken modulo what there is. */
interface Mutation {
  kind: 'flip' | 'remove' | 'insert' | 'repeat' | 'truncate';
  at: number;
  length: number;
  bytes: Uint8Array;
}

/** Lengths and counts that lie, as they stand on the wire. */
const LYING_INTS = [0, 1, -1, -2, 255, 65_536, 2 ** 28, 2 ** 31 - 1, -(2 ** 31)].map((value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return new Uint8Array(bytes);
});

const inserted = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.constantFrom(...LYING_INTS));
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'remove', 'insert', 'repeat', 'truncate'),
  at: fc.nat(100_000),
  length: fc.integer({ min: 1, max: 40 }),
  bytes: inserted,
});

/** Good bytes, damaged in one to four places. */
export function damaged(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(good, fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([bytes, mutations]) => mutations.reduce(mutate, bytes));
}

function mutate(bytes: Uint8Array, { kind, at: place, length, bytes: other }: Mutation): Uint8Array {
  const at = place % (bytes.length + 1);
  const end = Math.min(bytes.length, at + length);
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (kind) {
    case 'flip':
      return joined(before, other.subarray(0, part.length), bytes.subarray(at + Math.min(other.length, part.length)));
    case 'remove':
      return joined(before, after);
    case 'insert':
      return joined(before, other, part, after);
    case 'repeat':
      return joined(before, part, part, after);
    case 'truncate':
      return before;
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Replacements for a value of a record. */
const ODD_VALUES = [
  ...[
    'null',
    'true',
    '-1',
    '0',
    '-0',
    '0.5',
    '1e15',
    '1e999',
    '9007199254740993',
    '""',
    '"x"',
    '"\\ud800"',
    '[]',
    '{}',
  ],
  ...['[[9,1]]', '[null]', '{"__proto__":1}', '{"constructor":{"prototype":1}}', '"__proto__"', '"toString"'],
  ...['{"later":{"v":2}}', '101', '{"a":'.repeat(150) + '1' + '}'.repeat(150)],
];
const ODD_NAMES = ['later', '__proto__', 'constructor', 'toString', 'v', ''];
const DEEP = 20_000;
/** Read without trouble by `JSON.parse`, too deep for whatever calls itself. */
const DEEP_VALUES = ['['.repeat(DEEP) + ']'.repeat(DEEP), '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP)];
const JSON_VALUE = /null|true|false|-?\d+(\.\d+)?|"[^"\n]*"(?!:)|\[[^[\]\n]*\]|"[^"\n]*"(?=:)/g;

/** JSON text in which one to three values stand for others, or fields were added. Also in lines, as batches have it. */
export function tampered(good: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const value = fc.oneof(
    { arbitrary: fc.constantFrom(...ODD_VALUES), weight: 80 },
    { arbitrary: fc.json({ maxDepth: 3 }), weight: 20 },
    { arbitrary: fc.constantFrom(...DEEP_VALUES), weight: 1 },
  );
  const change = fc.record({ which: fc.nat(10_000), value, name: fc.option(fc.constantFrom(...ODD_NAMES)) });
  return fc
    .tuple(good, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) => changes.reduce(tamper, text));
}

interface Change {
  which: number;
  value: string;
  /** The name of the field that is added; `null`: a value is replaced. */
  name: string | null;
}

function tamper(text: string, { which, value, name }: Change): string {
  if (name !== null) return text.replace('{', () => `{${JSON.stringify(name)}:${value},`);
  const found = [...text.slice(0, 4_096).matchAll(JSON_VALUE)];
  const one = found[which % Math.max(found.length, 1)];
  return one === undefined ? value : text.slice(0, one.index) + value + text.slice(one.index + one[0].length);
}

const encoder = new TextEncoder();
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Anything that claims to be the text of `good`: noise, other JSON, and good text damaged in one way or the other. */
export function garbageFor(good: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(utf8), damaged(good.map(utf8)), {
    arbitrary: tampered(good).map(utf8),
    weight: 3,
  });
}
