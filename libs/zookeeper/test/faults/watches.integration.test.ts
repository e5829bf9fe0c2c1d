import test from 'ava';
import { Heard, reaches } from '../../src/conformance/law.js';
import type { Operation, WatchEvent } from '../../src/index.js';
import { faultWorld } from './fault-world.js';

const MANY = 15_000;
const MAX_SET_WATCHES_BYTES = 128 * 1024;

const inMultis = (operations: readonly Operation[], size: number): Operation[][] =>
  Array.from({ length: Math.ceil(operations.length / size) }, (_, i) => operations.slice(i * size, (i + 1) * size));

test('15,000 watches over a reconnect: set again in pieces, at the first attempt, and none is lost', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t);
  // More than a megabyte of paths: one packet of them would be refused, for ever.
  const paths = Array.from({ length: MANY }, (_, i) => `/${'long-name-'.repeat(5)}${i}`);
  const creates = paths.map((path): Operation => ({ op: 'create', path }));
  await Promise.all(inMultis(creates, 1_000).map((multi) => witness.multi(multi)));
  const heard = new Heard<WatchEvent | null>();
  await Promise.all(paths.map((path) => zk.get(path, heard.add)));

  const tooLarge: number[] = [];
  let rewatches = 0;
  proxy.observe(({ direction, op, bytes }) => {
    if (direction !== 'request' || !op.startsWith('setWatches')) return;
    rewatches++;
    if (bytes.length > MAX_SET_WATCHES_BYTES) tooLarge.push(bytes.length);
  });
  const suspended = reaches(zk, 'suspended');
  await proxy.refuse();
  await suspended;
  const during = paths.slice(0, 100);
  await Promise.all(during.map((path) => witness.set(path, 'meanwhile')));
  await proxy.listenAgain();
  await zk.connected();
  await heard.count(during.length);
  const others = paths.slice(100).map((path): Operation => ({ op: 'set', path, data: 'after' }));
  await Promise.all(inMultis(others, 1_000).map((multi) => witness.multi(multi)));
  await heard.count(MANY);

  t.deepEqual(new Set(heard.all.map((event) => event?.path)), new Set(paths));
  t.true(heard.all.every((event) => event?.type === 'changed'));
  t.is(heard.all.length, MANY);
  t.true(rewatches > 1);
  t.deepEqual(tooLarge, []);
  t.is(proxy.accepted, 2, 'one connection before the cut, one after');
});

test('after a reconnect a persistent watch is in place before its owner is told to list again', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t);
  await zk.create('/a');
  const events = new Heard<WatchEvent>();
  const lists = new Heard<string[]>();
  await zk.watch('/a', 'recursive', {
    event: events.add,
    reset: () => void zk.children('/a').then((names) => lists.add(names)),
  });
  for (let round = 1; round <= 5; round++) {
    const suspended = reaches(zk, 'suspended');
    await proxy.refuse();
    await suspended;
    await witness.create(`/a/during-${round}`);
    // While it reconnects: either the list has it or an event tells.
    const race = witness.create(`/a/race-${round}`);
    await proxy.listenAgain();
    const names = (await lists.count(round)).at(-1) ?? [];
    await race;
    t.true(names.includes(`during-${round}`), 'what happened meanwhile is in the list');
    if (!names.includes(`race-${round}`)) await events.some(({ path }) => path === `/a/race-${round}`);
    await witness.create(`/a/after-${round}`);
    await events.some(({ path }) => path === `/a/after-${round}`);
  }
  t.is(lists.all.length, 5, 'one reset for each reconnect');
});

test('a watcher that throws harms neither the stream nor the other watchers', async (t) => {
  const thrown = new Heard<unknown>();
  const { zk, witness } = await faultWorld(t, { onCallerError: thrown.add });
  await zk.create('/a');
  const heard = new Heard<WatchEvent | null>();
  const bug = new Error('a bug of the caller');
  await zk.get('/a', () => {
    throw bug;
  });
  await zk.get('/a', heard.add);
  await witness.set('/a', 'x');
  await heard.count(1);
  await thrown.count(1);
  t.deepEqual(thrown.all, [bug]);
  t.is((await zk.get('/a')).data.toString(), 'x');
});
