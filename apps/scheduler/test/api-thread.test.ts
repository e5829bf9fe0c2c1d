import type { Facts } from '@drover/api';
import { silentLog, type Log } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Told } from '@drover/testing';
import { fc } from '@fast-check/ava';
import test from 'ava';
import { ApiThread } from '../src/api/api-thread.js';
import { readFromApi } from '../src/api/from-api.js';
import { pauseBefore } from '../src/api/pause.decide.js';

const thread = new URL('support/odd-thread.js', import.meta.url);

/** A thread that says these things; answers what became of the scheduler. */
function beside(t: { teardown(undo: () => Promise<void>): void }, says: readonly unknown[]) {
  const events = new Told<{ name: string; fields: Record<string, unknown> }>();
  const told = new Told<string>();
  const log: Log = { ...silentLog, event: (name, fields) => events.tell({ name, fields }) };
  let follower: ((facts: Facts) => void) | null = null;
  const scheduler = {
    health: { ready: true, why: 'ok', hasConnected: true },
    advertise: (api: string | undefined) => told.tell(api ?? 'nothing'),
    handOver: (reason: string) => Promise.resolve(reason !== ''),
    readModel: {
      follow: (tell: typeof follower) => (follower = tell),
      answer: (name: string) => (name === 'count' ? Promise.reject(new Error('no sense')) : Promise.resolve(name)),
    },
  };
  const refused = new Told<string>();
  const api = new ApiThread({
    ...{ thread, data: { says }, runtime: systemRuntime, log, metrics: () => Promise.resolve('# metrics') },
    scheduler: scheduler as never,
    cannotListen: (error) => refused.tell(error.message),
  });
  t.teardown(() => api.close());
  return { api, events, told, refused, follows: () => follower !== null };
}

test('questions are answered, by their number; those that make no sense with a failure', async (t) => {
  const { told } = beside(t, [
    { kind: 'ask', id: 1, name: 'tasks', ask: {} },
    { kind: 'ask', id: 2, name: 'count', ask: {} },
    { kind: 'ask', id: 3, name: 'metrics', ask: null },
    { kind: 'ask', id: 4, name: 'resign', ask: { reason: '' } },
    { kind: 'ask', id: 5, name: 'why', ask: 'text' },
  ]);
  await told.first((text) => text === '{"kind":"answer","id":1,"answer":"tasks"}');
  await told.first((text) => text === '{"kind":"failed","id":2,"message":"no sense"}');
  await told.first((text) => text === '{"kind":"answer","id":3,"answer":"# metrics"}');
  await told.first((text) => text === '{"kind":"answer","id":4,"answer":true}');
  await told.first((text) => text.startsWith('{"kind":"failed","id":5'));
  t.pass();
});

test('a thread that breaks, or fills its memory, is told of; its address is no more, and nobody follows', async (t) => {
  for (const says of ['throw', 'fill']) {
    const { events, told, follows } = beside(t, [{ kind: 'follow' }, { kind: 'listening', url: 'http://a' }, says]);
    const { fields } = await events.first(({ name }) => name === 'api.ended');
    t.regex(String(fields.reason), says === 'throw' ? /it broke/ : /memory/);
    t.is(await told.first((text) => text === 'nothing'), 'nothing');
    t.false(follows());
  }
});

test('an address that is not to be had ends the process at the first start', async (t) => {
  const { refused } = beside(t, [{ kind: 'cannot-listen', message: 'the port is in use' }]);
  t.is(await refused.first(), 'the port is in use');
});

test('it is started again, later and later while it does not live long', (t) => {
  let failures = 0;
  const pauses: number[] = [];
  for (let n = 0; n < 8; n++) {
    const next = pauseBefore(failures, 10);
    failures = next.failures;
    pauses.push(next.pauseMs);
  }
  t.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  t.deepEqual(pauseBefore(failures, 60_000), { failures: 1, pauseMs: 1_000 });
});

test('whatever comes over the port is a message or none', async (t) => {
  fc.assert(
    fc.property(fc.anything(), (given) => {
      const message = readFromApi(given);
      t.true(message === null || ['ask', 'listening', 'cannot-listen', 'follow'].includes(message.kind));
    }),
  );
  const garbage = fc.sample(fc.jsonValue(), 200);
  const { told } = beside(t, [...garbage, { kind: 'ask', id: 9, name: 'limits', ask: {} }]);
  await told.first((text) => text === '{"kind":"answer","id":9,"answer":"limits"}');
});
