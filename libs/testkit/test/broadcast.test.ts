import { defineHandlers, InvalidArgumentError } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const handlers = defineHandlers({
  flush: ({ key }: { key: string }) => `flushed ${key}`,
  hang: (_payload: null, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
});

test('a broadcast runs once at the worker, and is over when nobody may join it any more', async (t) => {
  const { drover, clock, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const broadcast = await drover.broadcast('flush', { key: 'a' }, { joiners: '1m' });
  await settle();
  const results: unknown[] = [];
  const reading = (async () => {
    for await (const result of broadcast.results()) results.push(result);
  })();
  await settle();
  t.like(results, [{ worker: 'test', state: 'succeeded', result: 'flushed a', attempt: 1 }] as object);
  t.like(await broadcast.status(), { state: 'open', counts: { workers: 1, succeeded: 1 } });
  await clock.advance('1m');
  await reading;
  t.is(results.length, 1);
  const view = await broadcast.status();
  t.like(view, { state: 'finished', closed: { why: 'over' }, payload: { key: 'a' } });
  t.is(view.workers.length, 1);
});

test('a newer broadcast of the same key closes the older one', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const first = await drover.broadcast('flush', { key: 'a' }, { key: 'k' });
  const second = await drover.broadcast('flush', { key: 'b' }, { key: 'k' });
  await settle();
  t.like(await first.status(), { state: 'finished', closed: { why: 'superseded', newer: second.id } });
  t.like(await second.status(), { state: 'open' });
});

test('a broadcast that is cancelled ends what it has begun', async (t) => {
  const { drover, settle, close, clock } = await testDrover({ handlers });
  t.teardown(close);
  const broadcast = await drover.broadcast('hang', null, { timeout: '1h' });
  await clock.advance('1s');
  t.like(await broadcast.status(), { state: 'open', counts: { waiting: 1 } });
  t.like(await broadcast.cancel({ by: 'ada', reason: 'wrong key' }), { ok: true, state: 'closed' });
  await settle();
  const view = await broadcast.status();
  t.like(view, { state: 'finished', closed: { why: 'cancelled', by: 'ada', reason: 'wrong key' } });
  t.deepEqual(view.counts, { workers: 1, waiting: 0, succeeded: 0, failed: 0, cancelled: 1 });
  t.like(await broadcast.cancel(), { ok: false, state: 'finished' });
  t.like((await drover.broadcasts.cancel(['01JD3V8R2MZ6K4Q7T9XBYC5HNA']))[0], { ok: false, state: 'unknown' });
});

test('labels choose workers: one without them is given nothing', async (t) => {
  const { drover, clock, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const broadcast = await drover.broadcast('flush', { key: 'a' }, { where: { zone: 'a' }, joiners: '10s' });
  await settle();
  t.like(await broadcast.status(), { state: 'open', counts: { workers: 0 } });
  await clock.advance('10s');
  await settle();
  t.like(await broadcast.status(), { state: 'finished', counts: { workers: 0 } });
});

test('bad input is refused before anything is written', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const bad: [object, RegExp][] = [
    [{ where: { zone: 1 } }, /where\.zone: expected a text/],
    [{ where: 'zone=a' }, /where: expected labels with their values/],
    [{ joiners: '31d' }, /joiners: expected more than no time and 30 days at most/],
    [{ joiner: '1h' }, /did you mean "joiners"/],
    [{ unique: 'k' }, /unknown option "unique"/],
    [{ key: '' }, /key: expected text of 1 to 512/],
    [{ skipDraining: 'yes' }, /skipDraining: expected true or false/],
    [{ id: 'x' }, /broadcast: expected the id of a broadcast/],
  ];
  for (const [options, message] of bad)
    await t.throwsAsync(drover.broadcast('flush', { key: 'a' }, options), {
      instanceOf: InvalidArgumentError,
      message,
    });
  t.deepEqual(await drover.broadcasts.list(), []);
  await t.throwsAsync(drover.broadcasts.get('01JD3V8R2MZ6K4Q7T9XBYC5HNA'), { name: 'BroadcastNotFoundError' });
});
