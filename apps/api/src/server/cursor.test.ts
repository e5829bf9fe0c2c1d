import test from 'ava';
import { cursorOf, readCursor } from './cursor.js';

test('a cursor gives its place back, to the same list only', (t) => {
  const cursor = cursorOf(['state:failed', 'newest'], ['01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.7', 3, null]);
  t.deepEqual(readCursor(cursor, ['state:failed', 'newest']), ['01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.7', 3, null]);
  t.is(readCursor(undefined, []), null);
  t.throws(() => readCursor(cursor, ['state:failed', 'oldest']), { message: /another filter/ });
  const garbage = [
    '',
    'x',
    '%',
    `${cursor}x`,
    'A'.repeat(5_000),
    Buffer.from('{"a":1}').toString('base64url'),
    'bnVsbA',
  ];
  for (const text of garbage) t.throws(() => readCursor(text, []), { message: /cannot be used/ }, text);
});
