import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { systemRuntime } from '@drover/runtime';
import test, { type ExecutionContext } from 'ava';
import { JavaNotFoundError, obtainToolchain, provideZooKeeper, ZooKeeperNotFoundError } from '../src/index.js';
import { FakeHost, temporaryFolder } from './fake-host.js';

const RELEASE = 'apache-zookeeper-3.9.99-bin';

/** An archive as Apache makes them: one folder with `lib` and `bin` in it. */
function archiveOf(t: ExecutionContext, jar = 'lib/zookeeper-3.9.99.jar'): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, RELEASE, 'lib'), { recursive: true });
  writeFileSync(join(folder, RELEASE, jar), 'a jar');
  const archive = join(folder, `${RELEASE}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', folder, RELEASE]);
  return archive;
}

function sha512Of(archive: string): string {
  return createHash('sha512').update(readFileSync(archive)).digest('hex');
}

/** Serves texts and files by path on loopback; other paths are 404. Counts the requests of each path. */
async function serve(t: ExecutionContext, files: Record<string, string | Buffer>) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const body = files[path];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function hostWithJava(t: ExecutionContext, env: Record<string, string> = {}): FakeHost {
  const host = new FakeHost(t, { env });
  host.java('bin/java');
  // The real tar; the fake PATH has nothing else of this machine.
  host.script('bin/tar', 'exec tar "$@"');
  return host;
}

const cacheOf = (host: FakeHost) => join(host.homeDir, '.cache/drover/zookeeper');

test('DROVER_ZK names a running one: nothing is started, and stop leaves it alone', async (t) => {
  const connect = 'zk1:2181,zk2:2181/prod';
  const provided = await provideZooKeeper({ dataDir: '/nonexistent/x', env: { DROVER_ZK: connect } });
  t.is(provided.connect, connect);
  t.deepEqual(provided.servers, []);
  await t.notThrowsAsync(provided.stop());
});

test('ZOOKEEPER_HOME comes before an installed package', async (t) => {
  const host = hostWithJava(t);
  host.file('usr/share/java/zookeeper.jar');
  host.file('srv/zk/lib/zookeeper-3.9.1.jar');
  host.env.ZOOKEEPER_HOME = join(host.root, 'srv/zk');
  const { zooKeeper } = await obtainToolchain(host);
  t.deepEqual(zooKeeper, { home: join(host.root, 'srv/zk'), classPath: [join(host.root, 'srv/zk/lib/*')] });
});

test('a ZOOKEEPER_HOME without ZooKeeper is told, and the next place is taken', async (t) => {
  const host = hostWithJava(t, { ZOOKEEPER_HOME: '/nonexistent/zk' });
  host.file('usr/share/java/zookeeper.jar');
  const { zooKeeper } = await obtainToolchain(host);
  t.is(zooKeeper.home, join(host.root, 'usr/share/zookeeper'));
  t.true(host.notes.some((note) => note.includes('/nonexistent/zk')));
});

test("Debian's package is completed by the jars that its manifest forgets, where they are", async (t) => {
  const host = hostWithJava(t);
  const jars = ['zookeeper.jar', 'netty-codec.jar', 'log4j-1.2.jar'].map((jar) => host.file(`usr/share/java/${jar}`));
  t.deepEqual((await obtainToolchain(host)).zooKeeper.classPath, jars);
});

for (const place of ['opt/homebrew/opt/zookeeper/libexec', 'opt/apache-zookeeper-3.9.2-bin', 'usr/local/zookeeper']) {
  test(`a release in ${place} is found`, async (t) => {
    const host = hostWithJava(t);
    host.file(`${place}/lib/zookeeper-3.9.2.jar`);
    t.is((await obtainToolchain(host)).zooKeeper.home, join(host.root, place));
  });
}

test('a release is downloaded once, checked, unpacked into the cache, and found there the next time', async (t) => {
  const archive = archiveOf(t);
  const web = await serve(t, {
    [`/${RELEASE}.tar.gz`]: readFileSync(archive),
    [`/${RELEASE}.tar.gz.sha512`]: `${sha512Of(archive)}  ${RELEASE}.tar.gz\n`,
  });
  const host = hostWithJava(t, { DROVER_ZK_DIST: `${web.address}/${RELEASE}.tar.gz` });
  const first = await obtainToolchain(host);
  t.is(first.zooKeeper.home, join(cacheOf(host), RELEASE));
  const second = await obtainToolchain(host);
  t.deepEqual(second, first);
  t.is(web.requests.length, 2);
  t.deepEqual(readdirSync(cacheOf(host)), [RELEASE]);
});

test('two processes that download at the same time both get it', async (t) => {
  const host = hostWithJava(t, { DROVER_ZK_DIST: archiveOf(t) });
  const toolchains = await Promise.all([obtainToolchain(host), obtainToolchain(host)]);
  t.deepEqual(toolchains[0], toolchains[1]);
  t.deepEqual(readdirSync(cacheOf(host)), [RELEASE]);
});

const refusals: Record<string, (archive: string) => { files: Record<string, string | Buffer>; says: RegExp }> = {
  'a wrong checksum': (archive) => ({
    files: { '/zk.tar.gz': readFileSync(archive), '/zk.tar.gz.sha512': '0'.repeat(128) },
    says: /was refused: its SHA-512 is/,
  }),
  'a missing checksum': (archive) => ({ files: { '/zk.tar.gz': readFileSync(archive) }, says: /sha512: .*404/ }),
  'a checksum file without a checksum': (archive) => ({
    files: { '/zk.tar.gz': readFileSync(archive), '/zk.tar.gz.sha512': '<html>' },
    says: /holds no SHA-512/,
  }),
  'a missing archive': () => ({ files: { '/zk.tar.gz.sha512': '0'.repeat(128) }, says: /zk\.tar\.gz: .*404/ }),
  'an archive that is none': () => ({
    files: { '/zk.tar.gz': 'hello', '/zk.tar.gz.sha512': createHash('sha512').update('hello').digest('hex') },
    says: /tar .* ended with/,
  }),
};

for (const [what, make] of Object.entries(refusals)) {
  test(`${what} is refused, and leaves nothing behind`, async (t) => {
    const { files, says } = make(archiveOf(t));
    const web = await serve(t, files);
    const host = hostWithJava(t, { DROVER_ZK_DIST: `${web.address}/zk.tar.gz` });
    const error = await t.throwsAsync(obtainToolchain(host), { instanceOf: ZooKeeperNotFoundError });
    t.regex(error.message, says);
    t.deepEqual(readdirSync(cacheOf(host)), []);
  });
}

test('an archive without ZooKeeper in it is refused', async (t) => {
  const host = hostWithJava(t, { DROVER_ZK_DIST: archiveOf(t, 'lib/kafka-3.9.99.jar') });
  await t.throwsAsync(obtainToolchain(host), { message: /holds no ZooKeeper/ });
  t.deepEqual(readdirSync(cacheOf(host)), []);
});

test('a local archive is checked when a checksum lies beside it', async (t) => {
  const archive = archiveOf(t);
  writeFileSync(`${archive}.sha512`, '0'.repeat(128));
  await t.throwsAsync(obtainToolchain(hostWithJava(t, { DROVER_ZK_DIST: archive })), { message: /was refused/ });
  writeFileSync(`${archive}.sha512`, sha512Of(archive));
  await t.notThrowsAsync(obtainToolchain(hostWithJava(t, { DROVER_ZK_DIST: archive })));
});

test('a download that fails falls through to apt-get, as root on Debian, after an update', async (t) => {
  const host = new FakeHost(t, { isRoot: true, env: { DROVER_ZK_DIST: 'http://127.0.0.1:1/zk.tar.gz' } });
  host.java('bin/java');
  host.debian(
    `case "$*" in *zookeeper) mkdir -p '${host.root}/usr/share/java'; touch '${host.root}/usr/share/java/zookeeper.jar';; esac`,
  );
  const { zooKeeper } = await obtainToolchain(host);
  t.is(zooKeeper.home, join(host.root, 'usr/share/zookeeper'));
  t.is(
    readFileSync(join(host.root, 'apt.log'), 'utf8'),
    ['update', 'install -y --no-install-recommends zookeeper']
      .map((what) => `noninteractive -o DPkg::Lock::Timeout=300 ${what}\n`)
      .join(''),
  );
  t.true(host.notes.some((note) => note.includes('Downloading ZooKeeper failed')));
});

test('apt-get is left alone by those who are not root, and by other systems', async (t) => {
  for (const isRoot of [false, true]) {
    const host = new FakeHost(t, { isRoot, env: { DROVER_ZK_DIST: '/nonexistent/zk.tar.gz' } });
    host.java('bin/java');
    if (isRoot) host.script('bin/apt-get', `touch '${host.root}/apt.log'`);
    else host.debian('true');
    await t.throwsAsync(obtainToolchain(host), { instanceOf: ZooKeeperNotFoundError });
    t.false(readdirSync(host.root).includes('apt.log'));
  }
});

test('when nothing helps, the error lists what was tried, with the reason of apt-get, and the ways out', async (t) => {
  const host = new FakeHost(t, {
    isRoot: true,
    env: { DROVER_ZK_DIST: '/nonexistent/zk.tar.gz', ZOOKEEPER_HOME: '/no' },
  });
  host.java('bin/java');
  host.debian('echo "E: Unable to locate package" >&2; exit 100');
  const error = await t.throwsAsync(obtainToolchain(host), { instanceOf: ZooKeeperNotFoundError });
  t.is(error.tried.length, 5);
  for (const part of ['(/no)', 'usr/share/zookeeper', 'ENOENT', 'Unable to locate', 'DROVER_ZK=', 'docker compose']) {
    t.true(error.message.includes(part), part);
  }
});

test('Java: JAVA_HOME before PATH, and what does not run or is too old is passed over', async (t) => {
  const host = new FakeHost(t);
  host.file('usr/share/java/zookeeper.jar');
  const last = host.java('usr/lib/jvm/java-8/bin/java', '1.8.0_402');
  t.is((await obtainToolchain(host)).java, last);
  const inPath = host.java('bin/java', '21');
  t.is((await obtainToolchain(host)).java, inPath);
  host.env.JAVA_HOME = join(host.root, 'jdk');
  const inHome = host.java('jdk/bin/java');
  t.is((await obtainToolchain(host)).java, inHome);
  host.java('jdk/bin/java', '1.7.0_80');
  t.is((await obtainToolchain(host)).java, inPath);
  host.script('bin/java', 'echo "No Java runtime present" >&2; exit 1');
  t.is((await obtainToolchain(host)).java, last);
});

test('without Java it is installed by apt-get where that is possible', async (t) => {
  const host = new FakeHost(t, { isRoot: true });
  host.file('usr/share/java/zookeeper.jar');
  const java = host.java('later/java');
  host.debian(`case "$*" in *default-jre-headless) ln -s '${java}' '${host.root}/bin/java';; esac`);
  t.is((await obtainToolchain(host)).java, join(host.root, 'bin/java'));
});

test('without Java and without a way to get it nothing is downloaded, and the error says what to do', async (t) => {
  const web = await serve(t, {});
  const host = new FakeHost(t, { env: { DROVER_ZK_DIST: `${web.address}/zk.tar.gz` } });
  const error = await t.throwsAsync(obtainToolchain(host), { instanceOf: JavaNotFoundError });
  t.regex(error.message, /install a JRE[^]*DROVER_ZK[^]*docker compose -f docker\/compose\.yaml up/);
  t.deepEqual(web.requests, []);
});

for (const [when, answers] of Object.entries({
  'before its answer': () => undefined,
  'in the middle of its answer': (response: ServerResponse) => response.writeHead(200).write('the beginning of'),
})) {
  test(`a server that falls silent ${when} is given up`, async (t) => {
    const silent = createServer((request, response) => {
      if (request.url?.endsWith('.sha512')) response.end('0'.repeat(128));
      else answers(response);
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.teardown(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/zk.tar.gz`;
    const host = hostWithJava(t, { DROVER_ZK_DIST: address });
    // Every wait of a download is one of 10 s; on this machine's clock it passes quickly.
    host.runtime = { ...systemRuntime, after: (delayMs, run) => systemRuntime.after(delayMs / 50, run) };
    const error = await t.throwsAsync(obtainToolchain(host), { instanceOf: ZooKeeperNotFoundError });
    t.regex(error.message, /sent nothing for 10000 ms/);
    t.deepEqual(readdirSync(cacheOf(host)), []);
  });
}
