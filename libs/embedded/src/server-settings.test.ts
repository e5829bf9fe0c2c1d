import test from 'ava';
import { serverCommand, zooCfg, type ServerSettings } from './server-settings.js';

const alone: ServerSettings = { dataDir: '/var/zk', port: 2181, tickTimeMs: 500, members: [] };

test('a server listens on loopback only, and fsync is not switched off', (t) => {
  const text = zooCfg(alone);
  t.true(text.includes('clientPortAddress=127.0.0.1\n'));
  t.false([text, ...serverCommand(jvm)].join(' ').includes('forceSync'));
});

test('no server brings another up to date from its log on the disk, which may hold what was never committed', (t) => {
  t.true(zooCfg(alone).includes('snapshotSizeFactor=-1\n'));
});

test('every member of an ensemble is named with its two ports', (t) => {
  const members = [1, 2, 3].map((id) => ({ id, quorumPort: 2000 + id, electionPort: 3000 + id }));
  const text = zooCfg({ ...alone, members, memberId: 2 });
  t.true(text.includes('server.1=127.0.0.1:2001:3001\nserver.2=127.0.0.1:2002:3002\nserver.3=127.0.0.1:2003:3003\n'));
});

test('a server and its members are at the addresses that they were given', (t) => {
  const members = [{ id: 1, host: '198.18.0.1', quorumPort: 2888, electionPort: 3888 }];
  const text = zooCfg({ ...alone, host: '198.18.0.1', members, memberId: 1 });
  t.true(text.includes('clientPortAddress=198.18.0.1\n'));
  t.true(text.includes('server.1=198.18.0.1:2888:3888\n'));
});

test('a path with backslashes or foreign letters arrives whole in a properties file', (t) => {
  t.true(zooCfg({ ...alone, dataDir: '/tmp/Zoë\\x' }).includes('dataDir=/tmp/Zo\\u00eb\\\\x/data\n'));
});

test('lines of the caller win', (t) => {
  t.true(zooCfg({ ...alone, extra: { maxClientCnxns: '7' } }).includes('maxClientCnxns=7\n'));
});

test('a TLS port brings the Netty factory and the stores; without one there is neither', (t) => {
  const tls = { keyStorePath: '/k.p12', keyStorePassword: 'a', trustStorePath: '/t.p12', trustStorePassword: 'b' };
  const text = zooCfg({ ...alone, secureClientPort: 2281, tls });
  t.true(text.includes('secureClientPort=2281\n'));
  t.true(text.includes('ssl.trustStore.location=/t.p12\n'));
  t.true(text.includes('NettyServerCnxnFactory'));
  t.false(/ssl|Netty/.test(zooCfg(alone)));
});

const jvm = { java: '/bin/java', classPath: ['/a.jar', '/b/*'], dataDir: '/var/zk', heapMb: 256, arguments: ['-Dx=y'] };

test('the configuration folder comes first on the class path, and the main class last but its file', (t) => {
  const command = serverCommand(jvm);
  t.is(command[0], '/bin/java');
  t.true(command.includes('-Dx=y'));
  t.deepEqual(command.slice(-3), [
    '/var/zk/conf:/a.jar:/b/*',
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    '/var/zk/conf/zoo.cfg',
  ]);
});
