import test from 'ava';
import { decideHold, shownHold } from './hold.decide.js';

const clocks = (aheadMs: number) => ({ zookeeperMs: 1_000_000 + aheadMs, hostMs: 1_000_000, maxSkewMs: 60_000 });

test('fires are held while the clocks differ by more than is allowed, whichever is ahead', (t) => {
  t.is(decideHold(clocks(60_000), null), null);
  t.is(decideHold(clocks(-60_000), null), null);
  t.deepEqual(decideHold(clocks(3_600_000), null), { kind: 'skew', aheadMs: 3_600_000 });
  t.deepEqual(decideHold(clocks(-3_600_000), 'full'), { kind: 'skew', aheadMs: -3_600_000 });
});

test('fires are held while no tasks are accepted', (t) => {
  t.deepEqual(decideHold(clocks(0), 'full'), { kind: 'intake', reason: 'full' });
});

test('a hold is shown with its reason', (t) => {
  t.is(shownHold(null), null);
  t.like(shownHold({ kind: 'skew', aheadMs: 3_600_000 }), { code: 'skew' });
  t.regex(shownHold({ kind: 'skew', aheadMs: 3_600_000 })?.reason ?? '', /clock is 3600 s ahead of the leader's/);
  t.regex(shownHold({ kind: 'skew', aheadMs: -90_000 })?.reason ?? '', /clock is 90 s behind the leader's/);
  t.regex(shownHold({ kind: 'intake', reason: 'full' })?.reason ?? '', /no tasks are accepted: full/);
});
