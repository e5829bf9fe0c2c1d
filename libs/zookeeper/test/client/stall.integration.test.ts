import test from 'ava';
import { systemRuntime, type Runtime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { becomes, open } from './connecting.js';

/** This process' clock, which a test can let jump as if the event loop had stood still. */
function stallingRuntime(): Runtime & { stall(durationMs: number): void } {
  let stalledMs = 0;
  return {
    ...systemRuntime,
    monotonic: () => systemRuntime.monotonic() + stalledMs,
    stall(durationMs) {
      stalledMs += durationMs;
    },
  };
}

test('after a stall longer than the lease nothing is written until the server has confirmed the session', async (t) => {
  const { connect } = await testZooKeeper(t);
  const runtime = stallingRuntime();
  const zk = open(t, connect, { runtime });
  await zk.create('/a');
  runtime.stall(zk.sessionTimeoutMs);
  t.is(zk.state, 'connected', 'no timer has fired yet');
  t.true(zk.leaseMs() <= 0);
  const confirmed = becomes(zk, 'connected');
  t.like(await t.throwsAsync(zk.set('/a', 'ghost')), { code: 'CONNECTION_LOSS', outcome: 'not-applied' });
  await confirmed;
  t.is((await zk.get('/a')).stat.version, 0);
});

test('a stall between the call and the end of its turn is noticed too', async (t) => {
  const { connect } = await testZooKeeper(t);
  const runtime = stallingRuntime();
  const zk = open(t, connect, { runtime });
  await zk.create('/a');
  const confirmed = becomes(zk, 'connected');
  const ghost = zk.set('/a', 'ghost');
  runtime.stall(zk.sessionTimeoutMs);
  t.like(await t.throwsAsync(ghost), { code: 'CONNECTION_LOSS', outcome: 'not-applied' });
  await confirmed;
  t.is((await zk.get('/a')).stat.version, 0);
});

test('a stall shorter than what is left of the lease does no harm', async (t) => {
  const { connect } = await testZooKeeper(t);
  const runtime = stallingRuntime();
  const zk = open(t, connect, { runtime });
  await zk.create('/a');
  runtime.stall(zk.sessionTimeoutMs / 3);
  t.is((await zk.set('/a', 'alive')).version, 1);
  t.is(zk.state, 'connected');
  t.true(zk.leaseMs() > zk.sessionTimeoutMs / 3, 'the answer has renewed it');
});
