import test from 'ava';
import { unlessAborted } from './index.js';

test('who gives up first is told why, and what it gave up may fail without anybody hearing of it', async (t) => {
  let unheard = 0;
  const count = (): number => unheard++;
  process.on('unhandledRejection', count);
  t.teardown(() => process.off('unhandledRejection', count));
  const reason = new Error('too late');
  const failing = Promise.reject(new Error('failed'));
  const error = await t.throwsAsync(unlessAborted(failing, AbortSignal.abort(reason)));
  t.is(error, reason);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(unheard, 0);
});
