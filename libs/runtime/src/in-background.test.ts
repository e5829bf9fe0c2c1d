import test from 'ava';
import { inBackground, uncaught } from './in-background.js';

test('what a promise in the background is rejected with goes to whom it was given, and no further', async (t) => {
  const failure = await new Promise((resolve) => inBackground(Promise.reject(new Error('it failed')), resolve));
  t.is((failure as Error).message, 'it failed');
});

test('a promise in the background that is fulfilled calls nobody', async (t) => {
  let calls = 0;
  const done = Promise.resolve(1);
  inBackground(done, () => calls++);
  await done;
  t.is(calls, 0);
});

test('the failure of a promise that never rejects goes on', (t) => {
  const failure = new Error('unexpected');
  t.is(
    t.throws(() => uncaught(failure)),
    failure,
  );
});
