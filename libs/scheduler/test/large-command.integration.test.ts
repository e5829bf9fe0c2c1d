import test from 'ava';
import { World } from './support/world.js';

test('a command that has too much to answer is answered all the same', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  const tasks = Array.from({ length: 12_000 }, (_, i) => `01J00000000000000000000000.${i}`);
  const answer = await world.ask({ kind: 'cancel', tasks });
  t.false(answer.ok);
  t.regex(answer.message ?? '', /ZooKeeper refused the complete answer \(REQUEST_TOO_LARGE\)/);
  t.true((await world.ask({ kind: 'configure', queue: 'q', settings: { weight: 2 } })).ok);
  t.is(leader.events.filter(({ name }) => name === 'term.began').length, 1);
});
