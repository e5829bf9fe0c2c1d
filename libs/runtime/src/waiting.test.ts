import test from 'ava';
import { Pause, sleep, within, type Runtime } from './index.js';

/** Timers that fire when the test says so, and how many still would. */
function timers() {
  const waiting = new Set<() => void>();
  const after: Runtime['after'] = (_delayMs, callback) => {
    waiting.add(callback);
    return { cancel: () => void waiting.delete(callback) };
  };
  const fire = (): void => {
    for (const callback of [...waiting]) callback();
  };
  return { runtime: { after } as Runtime, fire, waiting };
}

test('a sleep ends with its timer', async (t) => {
  const { runtime, fire } = timers();
  const slept = sleep(runtime, 10);
  fire();
  await t.notThrowsAsync(slept);
});

test('within tells what came first, and leaves no timer behind', async (t) => {
  const { runtime, fire, waiting } = timers();
  t.true(await within(runtime, 10, Promise.resolve()));
  await t.throwsAsync(within(runtime, 10, Promise.reject(new Error('broken'))), { message: 'broken' });
  t.is(waiting.size, 0);
  const late = within(runtime, 10, new Promise(() => undefined));
  fire();
  t.false(await late);
});

test('a pause ends with its time or by a call, and leaves no timer behind', async (t) => {
  const { runtime, fire, waiting } = timers();
  const pause = new Pause();
  const whole = pause.sleep(runtime, 10);
  fire();
  await whole;
  pause.end();
  const ended = pause.sleep(runtime, 10);
  pause.end();
  await ended;
  t.is(waiting.size, 0);
});
