import { connectSession } from '@drover/client';
import { createMetrics, type MetricsRegistry } from '@drover/observability';
import { systemRuntime, type Runtime } from '@drover/runtime';
import test from 'ava';
import { Members } from '../src/members.js';
import { ApiWorld } from './support/api-world.js';

const HOUR_MS = 3_600_000;
/** Requests to ZooKeeper that the session behind these metrics has made. */
async function requestsIn(metrics: MetricsRegistry): Promise<number> {
  const lines = (await metrics.text()).split('\n');
  const counts = lines.filter((line) => line.startsWith('drover_zookeeper_request_seconds_count'));
  return counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test('fifty viewers of members that do not change cost ZooKeeper no request', async (t) => {
  const world = await ApiWorld.create(t);
  // It makes the root. When it has stopped, nobody writes anything any more.
  await (await world.replica('s1')).stop();
  const metrics = createMetrics();
  const { drover, session } = connectSession({ zk: world.zk, metrics, onWarning: () => undefined });
  t.teardown(() => drover.close());
  let at = 0;
  const runtime: Runtime = { ...systemRuntime, monotonic: () => at };
  const members = new Members(drover, session, runtime);
  const look = async (): Promise<number> => {
    at += HOUR_MS;
    // Events of watches come in a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const before = await requestsIn(metrics);
    await Promise.all(Array.from({ length: 50 }, () => [members.status(), members.queues()]).flat());
    return (await requestsIn(metrics)) - before;
  };
  t.true((await look()) > 0, 'the first one reads');
  // Until the watches stand.
  while ((await look()) > 0);
  for (let hour = 0; hour < 24; hour++) t.is(await look(), 0);
  t.is((await members.status()).ageMs, 0);

  await world.replica('s2');
  await world.worker('w1', { echo: (payload: unknown) => payload });
  const changer = await world.client();
  await changer.pauseQueue('mail', { reason: 'down' });
  while ((await members.queues()).value.find(({ name }) => name === 'mail')?.paused !== true) await look();
  await world.worker('w2', { echo: (payload: unknown) => payload });
  while ((await members.workers()).value.length < 2) await look();
  await changer.submit('nosuch', 1, { queue: 'mail' });
  while ((await members.queues()).value.find(({ name }) => name === 'mail')?.pending !== 1) await look();
  t.pass('all of it was seen, though nothing is read but after an event');
});
