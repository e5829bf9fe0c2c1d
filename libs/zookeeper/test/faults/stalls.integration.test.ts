import test from 'ava';
import { failure, reaches } from '../../src/conformance/law.js';
import { SHORT, faultWorld } from './fault-world.js';

// Alone in its file, and so in its process: it stalls every other test that would run beside it.
test('the event loop stalled for two session timeouts: the ghost leader writes nothing', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t, SHORT);
  await zk.create('/epoch', 'mine');
  await zk.create('/leader', '', { mode: 'ephemeral' });
  const asked: string[] = [];
  proxy.observe(({ direction, op }) => {
    if (direction === 'request' && op !== 'ping') asked.push(op);
  });

  // Asked before the stall, and not on the wire yet: it would go out first thing after it.
  const queued = failure(zk.create('/before'), 'CONNECTION_LOSS');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * zk.sessionTimeoutMs + 600);
  t.true(zk.leaseMs() <= 0);
  const after = failure(zk.create('/after'), 'CONNECTION_LOSS');
  const fenced = failure(
    zk.multi([
      { op: 'check', path: '/epoch', version: 0 },
      { op: 'create', path: '/fenced' },
    ]),
    'CONNECTION_LOSS',
  );
  for (const error of await Promise.all([queued, after, fenced])) t.is(error.outcome, 'not-applied');

  await reaches(zk, 'expired');
  t.true(
    asked.every((op) => op === 'connect'),
    'nothing but attempts to connect was sent',
  );
  t.deepEqual(await witness.children('/'), ['epoch']);
});
