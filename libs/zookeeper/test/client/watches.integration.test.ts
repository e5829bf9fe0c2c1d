import test from 'ava';
import { testZooKeeper, testZooKeeperBehindProxy } from '@drover/testing';
import type { WatchEvent, Watcher } from '../../src/index.js';
import { becomes, Inbox, open } from './connecting.js';

class Recorder implements Watcher {
  readonly inbox = new Inbox<string>();
  event({ type, path }: WatchEvent): void {
    this.inbox.put(`${type} ${path}`);
  }
  reset(): void {
    this.inbox.put('reset');
  }
}

test('whoever awaits an answer goes on before the events that came behind it', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  await zk.create('/a', 'one');
  const order: string[] = [];
  const deep = async (): Promise<void> => {
    const read = async (): Promise<void> => {
      await zk.get('/a').then((znode) => znode);
    };
    await read();
    order.push('read');
  };
  const seen = new Promise<void>((resolve) => {
    void zk.get('/a', () => {
      order.push('event');
      resolve();
    });
  });
  await Promise.all([deep(), zk.set('/a', 'two').then(() => order.push('set')), seen, zk.get('/a')]);
  // The server sends the event before the answer to the write that made it.
  t.deepEqual(order, ['read', 'event', 'set']);
});

test('after a reconnect watches are set again, then reset is called, and events come', async (t) => {
  const { connect, proxy, address, chroot } = await testZooKeeperBehindProxy(t);
  const [zk, other] = [open(t, connect), open(t, address + chroot)];
  const [recursive, persistent] = [new Recorder(), new Recorder()];
  await zk.watch('/', 'recursive', recursive);
  await other.create('/p');
  t.is(await recursive.inbox.take(), 'created /p');
  await zk.watch('/p', 'persistent', persistent);
  const suspended = becomes(zk, 'suspended');
  await proxy.refuse();
  await suspended;
  await other.create('/p/missed');
  await proxy.listenAgain();
  t.is(await recursive.inbox.take(), 'reset');
  t.is(await persistent.inbox.take(), 'reset');
  await other.create('/p/seen');
  t.is(await recursive.inbox.take(), 'created /p/seen');
  t.is(await persistent.inbox.take(), 'children /p');
});

test('a one-shot watch fires for what happened while the connection was lost', async (t) => {
  const { connect, proxy, address, chroot } = await testZooKeeperBehindProxy(t);
  const [zk, other] = [open(t, connect), open(t, address + chroot)];
  await zk.create('/a');
  const inbox = new Inbox<string | undefined>();
  const note = (event: WatchEvent | null): void => inbox.put(event?.type);
  await zk.get('/a', note);
  await zk.exists('/b', note);
  await zk.children('/a', note);
  const suspended = becomes(zk, 'suspended');
  await proxy.refuse();
  await suspended;
  await other.set('/a', 'x');
  await other.create('/b');
  await other.create('/a/c');
  await proxy.listenAgain();
  t.deepEqual([await inbox.take(), await inbox.take(), await inbox.take()].sort(), ['changed', 'children', 'created']);
});

test('a one-shot watch does not end the persistent watch of the same path', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  await zk.create('/a');
  const watcher = new Recorder();
  await zk.watch('/a', 'persistent', watcher);
  const once = new Inbox<WatchEvent | null>();
  await zk.get('/a', once.put);
  for (let i = 0; i < 3; i++) {
    await zk.set('/a', String(i));
    t.is(await watcher.inbox.take(), 'changed /a');
  }
  t.deepEqual(await once.take(), { type: 'changed', path: '/a' });
  t.true(once.isEmpty);
});

test('persistent and recursive watchers of one path do not disturb each other', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  await zk.create('/a');
  const [persistent, recursive] = [new Recorder(), new Recorder()];
  await zk.watch('/a', 'persistent', persistent);
  const handle = await zk.watch('/a', 'recursive', recursive);
  await zk.create('/a/b');
  t.is(await persistent.inbox.take(), 'children /a');
  t.is(await recursive.inbox.take(), 'created /a/b');
  await handle.close();
  await zk.create('/a/c');
  await zk.set('/a', 'x');
  t.is(await persistent.inbox.take(), 'children /a');
  t.is(await persistent.inbox.take(), 'changed /a');
  t.true(recursive.inbox.isEmpty);
});

test('a closed watcher hears nothing, and the server forgets the watch with the last one', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  const [first, second] = [new Recorder(), new Recorder()];
  const handles = [await zk.watch('/', 'recursive', first), await zk.watch('/', 'recursive', second)];
  await handles[0]?.close();
  await zk.create('/a');
  t.is(await second.inbox.take(), 'created /a');
  await handles[1]?.close();
  await handles[1]?.close();
  await zk.create('/b');
  await zk.sync();
  t.true(first.inbox.isEmpty && second.inbox.isEmpty);
});

test('closing the last persistent watcher ends the one-shot watches that lived on it', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = open(t, connect);
  const handle = await zk.watch('/', 'persistent', new Recorder());
  const once = new Inbox<WatchEvent | null>();
  await zk.exists('/', once.put);
  await handle.close();
  t.is(await once.take(), null);
});

test('what a watcher throws breaks neither the stream nor the other watchers', async (t) => {
  const { connect } = await testZooKeeper(t);
  const errors: unknown[] = [];
  const zk = open(t, connect, { onCallerError: (error) => errors.push(error) });
  const fault = new Error('of the watcher');
  const other = new Recorder();
  const fail = (): never => {
    throw fault;
  };
  await zk.watch('/', 'recursive', { event: fail, reset: fail });
  await zk.watch('/', 'recursive', other);
  await zk.create('/a', '', {});
  t.is(await other.inbox.take(), 'created /a');
  t.deepEqual(errors, [fault]);
  t.is((await zk.get('/a')).data.length, 0);
});
