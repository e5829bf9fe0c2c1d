import test from 'ava';
import { testObserver, testTopology } from './world.js';

const SLOW_MS = 300;

test('a write waits for the sync of one of two slow servers', async (t) => {
  const topology = await testTopology(t, {});
  // If the system cannot do it, a run says why and leaves it out.
  if (topology.missing.diskSlow !== undefined) {
    t.regex(topology.missing.diskSlow, /\w/);
    return;
  }
  const observer = testObserver(t, topology.servers);
  await observer.connected();
  for (const server of topology.servers.slice(0, 2)) await server.diskSlow(SLOW_MS);
  const began = performance.now();
  await observer.create('/slow');
  t.true(performance.now() - began >= SLOW_MS);
});
