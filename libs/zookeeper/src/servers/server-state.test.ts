import { createServer } from 'node:net';
import test from 'ava';
import { askServer, readServerState } from './server-state.js';

const SRVR =
  'Zookeeper version: 3.9.3-c26634f34490bb0ea7a09cc51e05ede3b4e320ee, built on 2024-10-17 23:21 UTC\nLatency min/avg/max: 0/0.5/12\nReceived: 9\nSent: 8\nConnections: 3\nOutstanding: 7\nZxid: 0x1\nMode: standalone\nNode count: 140\n';
const MNTR = 'zk_version\t3.9.3-c26\nzk_watch_count\t17\nzk_approximate_data_size\t4096\n';

test('numbers come from whichever word the server allows', (t) => {
  t.like(readServerState(SRVR, MNTR), {
    ...{ reachable: true, serving: true, version: '3.9.3', mode: 'standalone', connections: 3, outstanding: 7 },
    ...{ latencyMs: 0.5, znodes: 140, watches: 17, dataBytes: 4_096, conf: null, why: null },
  });
  const refusal = 'srvr is not executed because it is not in the whitelist.\n';
  t.like(readServerState(refusal, refusal), {
    version: null,
    mntr: null,
    why: 'its four-letter words are off: allow srvr and mntr with 4lw.commands.whitelist',
  });
  t.like(readServerState(refusal, MNTR), { version: '3.9.3', watches: 17 });
  t.like(readServerState('', ''), { znodes: null, why: 'it answered nothing to srvr and mntr' });
});

test('a server without a quorum says so; settings are read where they were asked for', (t) => {
  const away = 'This ZooKeeper instance is not currently serving requests\n';
  t.like(readServerState(away, away), { reachable: true, serving: false, why: 'it answers, but is part of no quorum' });
  const { conf } = readServerState(SRVR, MNTR, 'clientPort=2181\ndataDir=/a=b\nmaxClientCnxns=60\n');
  t.deepEqual(conf, { clientPort: '2181', dataDir: '/a=b', maxClientCnxns: '60' });
});

test('what answers without an end, and what does not answer, is away', async (t) => {
  const endless = createServer((socket) => {
    socket.on('error', () => undefined);
    const say = (): void => {
      if (socket.writable) socket.write('x'.repeat(65_536), say);
    };
    say();
  });
  await new Promise<void>((done) => endless.listen(0, '127.0.0.1', done));
  t.teardown(() => endless.close());
  const { port } = endless.address() as { port: number };
  const server = { host: '127.0.0.1', port };
  t.like(await askServer(server, { timeoutMs: 60_000 }), { reachable: false, why: 'it answers without an end' });
  await new Promise((done) => endless.close(done));
  t.like(await askServer(server, { timeoutMs: 60_000 }), { reachable: false, serving: false, version: null });
});
