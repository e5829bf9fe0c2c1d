import test from 'ava';
import { inBackground, uncaught } from './in-background.js';

/** What nobody looked after, from here on. */
function unhandled(): Promise<unknown> {
  return new Promise((resolve) => process.once('unhandledRejection', resolve));
}

test('what a promise in the background is rejected with goes to whom it was given, and no further', async (t) => {
  const first = unhandled();
  const failure = await new Promise((resolve) => inBackground(Promise.reject(new Error('it failed')), resolve));
  t.is((failure as Error).message, 'it failed');
  // The next one is the first that nobody looked after.
  inBackground(Promise.reject(new Error('unexpected')), uncaught);
  t.is(((await first) as Error).message, 'unexpected');
});

test('a promise in the background that is fulfilled calls nobody', async (t) => {
  let calls = 0;
  const done = Promise.resolve(1);
  inBackground(done, () => calls++);
  await done;
  t.is(calls, 0);
});
