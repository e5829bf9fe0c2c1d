import test from 'ava';
import { candidate, handle, network, SHORT_MS } from './support.js';

test('of many candidates exactly one wins each epoch', async (t) => {
  const net = await network(t);
  const all = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => candidate(net, id)));
  for (let left = all; left.length > 1;) {
    const winners = left.filter(({ election }) => election.leadership !== null);
    if (winners.length === 0) {
      await Promise.race(left.map(({ won }) => won.first()));
      continue;
    }
    t.is(winners.length, 1);
    await winners[0]?.election.resign('next');
    left = left.filter((each) => each !== winners[0]);
  }
  const epochs = all.flatMap(({ won }) => won.all.map(({ epoch }) => epoch)).sort((a, b) => a - b);
  t.deepEqual(epochs.slice(0, 4), [1, 2, 3, 4]);
});

test('an interruption that the session survives leads to the next epoch of the same leader', async (t) => {
  const net = await network(t);
  const [leader, follower] = [await candidate(net, 'a'), await candidate(net, 'b')];
  await leader.won.first();
  await follower.followed.first();
  leader.proxy.cut();
  const again = await leader.won.first(({ epoch }) => epoch === 2);
  t.deepEqual(leader.lost.all, ['suspended']);
  t.is(again.incarnation, 1);
  t.deepEqual(follower.won.all, []);
});

test('a candidate whose answer was lost finds that it leads', async (t) => {
  const net = await network(t);
  const first = await candidate(net, 'a');
  await first.won.first();
  const next = await candidate(net, 'b');
  await next.followed.first();
  const swallowed = next.proxy.once(
    ({ direction, op }) => direction === 'reply' && op === 'multi',
    () => 'drop',
  );
  await first.election.resign('make room');
  // The multi was applied and nobody told us. The next look shows /leader with our own session: a new epoch is won.
  await swallowed;
  next.proxy.cut();
  t.is((await next.won.first()).epoch, 3);
});

test('an expired leader loses its epoch and campaigns as a new incarnation', async (t) => {
  const net = await network(t);
  const [old, heir] = [await candidate(net, 'a', SHORT_MS), await candidate(net, 'b')];
  await old.won.first();
  old.proxy.blackHole('both');
  const leadership = await heir.won.first();
  t.is(leadership.epoch, 2);
  old.proxy.blackHole('none');
  await old.followed.first((leader) => leader === 'b');
  t.is(old.session.incarnation, 2);
  t.is(old.election.leadership, null);
});

test('a /leader of our id but another session is not believed in, and is waited for', async (t) => {
  const net = await network(t);
  const first = await candidate(net, 'a');
  await first.won.first();
  const twin = await candidate(net, 'a');
  await twin.followed.first();
  t.is(twin.election.leadership, null);
  await first.election.resign('bye');
  t.is((await twin.won.first()).epoch, 2);
});

test('when somebody deletes /leader its owner loses the epoch, and somebody leads again', async (t) => {
  const net = await network(t);
  const leader = await candidate(net, 'a');
  await leader.won.first();
  await (await handle(net)).delete('/leader');
  await leader.lost.first();
  t.is((await leader.won.first(({ epoch }) => epoch > 1)).epoch, 2);
});

test('garbage in /epoch and /leader is passed', async (t) => {
  const net = await network(t);
  const zk = await handle(net);
  await zk.create('/epoch', 'garbage');
  await zk.set('/epoch', 'more of it');
  const leader = await candidate(net, 'a');
  t.is((await leader.won.first()).epoch, 3);
});
