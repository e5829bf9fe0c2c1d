import { testProp, fc } from '@fast-check/ava';
import { heartbeat, leaseEndMs, pingPeriodMs, type LeaseView } from './lease.js';

const ms = fc.double({ min: 0, max: 100_000, noNaN: true });
const views: fc.Arbitrary<LeaseView> = fc
  .record({ answeredSentMs: ms, sinceAnsweredMs: ms, unsentMs: ms, timeoutMs: fc.integer({ min: 100, max: 60_000 }) })
  .chain(({ answeredSentMs, sinceAnsweredMs, unsentMs, timeoutMs }) =>
    fc.boolean().map((pingOutstanding) => {
      const nowMs = answeredSentMs + sinceAnsweredMs;
      return {
        nowMs,
        timeoutMs,
        answeredSentMs,
        lastSentMs: Math.max(answeredSentMs, nowMs - unsentMs),
        pingOutstanding,
      };
    }),
  );

testProp('the lease ends before the server can have expired the session', [views], (t, view) => {
  t.true(leaseEndMs(view.answeredSentMs, view.timeoutMs) < view.answeredSentMs + view.timeoutMs);
});

testProp('the connection is dropped exactly when the lease has run out', [views], (t, view) => {
  t.is(heartbeat(view).act === 'drop', view.nowMs >= leaseEndMs(view.answeredSentMs, view.timeoutMs));
});

testProp('it looks again before the lease runs out, and not in a busy loop for ever', [views], (t, view) => {
  const next = heartbeat(view);
  if (next.act === 'drop') {
    t.pass();
    return;
  }
  t.true(next.nextMs > 0);
  t.true(view.nowMs + next.nextMs <= leaseEndMs(view.answeredSentMs, view.timeoutMs) + 1e-6);
});

testProp('there is one ping at most, and none on a busy connection', [views], (t, view) => {
  const quiet = view.nowMs - view.lastSentMs >= pingPeriodMs(view.timeoutMs);
  if (heartbeat(view).act === 'ping') t.true(!view.pingOutstanding && quiet);
  else t.true(view.pingOutstanding || !quiet || heartbeat(view).act === 'drop');
});
