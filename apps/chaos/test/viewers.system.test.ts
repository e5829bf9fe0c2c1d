import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ROOTS } from '@drover/protocol';
import { seededRandom, systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { garbage } from '../src/viewers/garbage.js';
import { flood } from '../src/viewers/questions.js';
import type { ViewersDid } from '../src/viewers/settings.js';
import { slowReaders } from '../src/viewers/slow-readers.js';
import { ToldProcess } from './told-process.js';

const DROVER = fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json')));
const END_API = new URL('../src/viewers/end-api-thread.js', import.meta.url).href;
const ASKED = 10;

/** Here, with a way in that ends the thread of the API. */
const home = {
  spawn: (...[command, args, options]: Parameters<typeof spawn>) =>
    spawn(command, args, { ...options, env: { ...process.env, NODE_OPTIONS: `--import=${END_API}` } }),
};

test('a flood, slow readers, garbage and a killed thread of the API cost the leader no session', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  const scheduler = new ToldProcess(home, [
    ...[DROVER, 'scheduler', '--id', 's1', '--zk', connect],
    ...['--session-timeout', '2s', '--connect-timeout', '1h', '--api-listen', '127.0.0.1:0'],
  ]);
  t.teardown(() => scheduler.end('SIGTERM'));
  await scheduler.next('term.began');
  const before = await zk.exists(ROOTS.leader);

  const did: ViewersDid = { answers: {}, streams: 0, garbage: 0, sockets: 0 };
  const random = seededRandom(1);
  /** Until the API has answered so many questions among all of that, which goes on until the function is called. */
  const visit = async (api: string): Promise<() => void> => {
    const ends = new AbortController();
    const { signal } = ends;
    // Every socket listens to it.
    setMaxListeners(0, signal);
    t.teardown(() => ends.abort());
    flood(api, { perSecond: 50, random, did, signal });
    slowReaders(api, { count: 10, random, did, signal });
    garbage(api, { count: 10, random, did, signal });
    for (let n = 0; n < ASKED; n++) {
      const answer = await fetch(`${api}/v1/overview`);
      t.is(answer.status, 200);
      await answer.arrayBuffer();
    }
    return () => ends.abort();
  };
  const { url: first = '' } = await scheduler.next('api.listening');
  const leave = await visit(first);
  scheduler.signal('SIGUSR2');
  const ended = await scheduler.next('api.ended');
  leave();
  const { url: again = '' } = await scheduler.next('api.listening', scheduler.told.all.indexOf(ended));
  (await visit(again))();

  t.true(did.streams > 0 && did.garbage > 0 && (did.answers['200'] ?? 0) > 0, JSON.stringify(did));
  const after = await zk.exists(ROOTS.leader);
  t.is(after?.ephemeralOwner, before?.ephemeralOwner);
  const ofLeader = scheduler.told.all.filter(({ thread }) => thread === undefined).map(({ event }) => event);
  t.is(ofLeader.filter((event) => event === 'term.began').length, 1);
  t.false(ofLeader.includes('session.suspended'));
});
