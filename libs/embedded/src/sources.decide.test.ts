import test from 'ava';
import { cacheFolder, javaCandidates, zooKeeperSources, type HostFacts } from './sources.decide.js';

const bare: HostFacts = {
  env: {},
  platform: 'linux',
  homeDir: '/home/ada',
  root: '/',
  canApt: false,
  optFolders: [],
  jvmFolders: [],
  macJvmFolders: [],
};

test('the order is ZOOKEEPER_HOME, the usual places, the cache, a download, apt-get', (t) => {
  const sources = zooKeeperSources({ ...bare, env: { ZOOKEEPER_HOME: '/srv/zk' }, canApt: true });
  t.deepEqual(
    sources.map((source) => (source.kind === 'folders' ? source.label : source.kind)),
    ['ZOOKEEPER_HOME', 'the usual places', 'the cache', 'download', 'apt'],
  );
});

test('without the variable and without apt-get there are only the other three', (t) => {
  t.deepEqual(
    zooKeeperSources({ ...bare, env: { ZOOKEEPER_HOME: '' } }).map((source) => source.kind),
    ['folders', 'folders', 'download'],
  );
});

test("the usual places begin with Debian's package, and of several in /opt the newest comes first", (t) => {
  const optFolders = ['apache-zookeeper-3.9.10-bin', 'apache-zookeeper-3.9.9-bin', 'google'];
  const [usual] = zooKeeperSources({ ...bare, optFolders });
  const homes = usual?.kind === 'folders' ? usual.homes : [];
  t.is(homes[0], '/usr/share/zookeeper');
  t.deepEqual(
    homes.filter((home) => /^\/opt\/(?!homebrew)/.test(home)),
    ['/opt/apache-zookeeper-3.9.10-bin', '/opt/apache-zookeeper-3.9.9-bin'],
  );
});

test('what is downloaded is what is looked for in the cache', (t) => {
  for (const DROVER_ZK_DIST of [undefined, 'https://mirror.example/zk/apache-zookeeper-3.8.4-bin.tar.gz']) {
    const [, cache, download] = zooKeeperSources({ ...bare, env: { DROVER_ZK_DIST } });
    t.is(download?.kind, 'download');
    t.deepEqual(cache?.kind === 'folders' && cache.homes, [download?.kind === 'download' && download.home]);
  }
});

test('the cache is where the platform keeps such things, or where XDG says', (t) => {
  t.is(cacheFolder(bare), '/home/ada/.cache/drover');
  t.is(cacheFolder({ ...bare, platform: 'darwin' }), '/home/ada/Library/Caches/drover');
  t.is(cacheFolder({ ...bare, env: { XDG_CACHE_HOME: '/var/cache/ada' } }), '/var/cache/ada/drover');
});

test('Java is looked for in JAVA_HOME, then PATH, then the usual places with the newest first', (t) => {
  const facts = { ...bare, env: { JAVA_HOME: '/j', PATH: '/a:/b' }, jvmFolders: ['java-8-openjdk', 'java-17-openjdk'] };
  t.deepEqual(javaCandidates(facts).slice(0, 5), [
    '/j/bin/java',
    '/a/java',
    '/b/java',
    '/usr/lib/jvm/java-17-openjdk/bin/java',
    '/usr/lib/jvm/java-8-openjdk/bin/java',
  ]);
});
