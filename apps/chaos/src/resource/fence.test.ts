import test from 'ava';
import { Fence } from './fence.js';

test('per key a token is accepted when it is the last one again or a greater one, and never a smaller one', (t) => {
  const fence = new Fence();
  const asked = [5n, 5n, 9n, 5n, 9n, 8n, 10n].map((token) => fence.accepts('a', token));
  t.deepEqual(asked, [true, true, true, false, true, false, true]);
  t.true(fence.accepts('b', 1n), 'another key has a last token of its own');
});
