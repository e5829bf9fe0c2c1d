import test from 'ava';
import { uuidV7 } from './idempotency-key.js';

test('a key is a UUID of version 7 that begins with the time', (t) => {
  const key = uuidV7(Date.parse('2026-11-29T00:00:00Z'), new Uint8Array(10).fill(255));
  t.regex(key, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.is(parseInt(key.slice(0, 13).replace('-', ''), 16), Date.parse('2026-11-29T00:00:00Z'));
});
