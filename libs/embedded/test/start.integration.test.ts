import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import test from 'ava';
import {
  askFourLetterWord,
  obtainToolchain,
  PortTakenError,
  startEnsemble,
  startZooKeeper,
  ZooKeeperStartError,
  type TlsSettings,
} from '../src/index.js';
import { temporaryFolder } from './fake-host.js';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a server serves at its port, and is gone after stop', async (t) => {
  const server = await startZooKeeper({ dataDir: temporaryFolder(t) });
  t.teardown(() => server.kill());
  t.is(await server.mode(), 'standalone');
  t.is(await askFourLetterWord('ruok', { host: '127.0.0.1', port: server.port }), 'imok');
  const pid = server.pid;
  t.true(pid !== undefined && isAlive(pid));
  await server.stop();
  await server.stop();
  t.is(server.pid, undefined);
  t.false(isAlive(pid ?? 0));
  t.is(await server.mode(), undefined);
});

test('a killed server comes back at the same port; a paused one is silent until resumed', async (t) => {
  const server = await startZooKeeper({ dataDir: temporaryFolder(t) });
  t.teardown(() => server.kill());
  const port = server.port;
  await server.kill();
  await server.restart();
  t.is(server.port, port);
  server.pause();
  // The signal needs a moment to reach every thread; the test ends by its timeout if it never does.
  while ((await server.mode()) !== undefined);
  server.resume();
  t.is(await server.mode(), 'standalone');
  server.pause();
  await server.stop();
  t.is(server.pid, undefined);
});

test('a port that somebody has is refused', async (t) => {
  const folder = temporaryFolder(t);
  const first = await startZooKeeper({ dataDir: folder });
  t.teardown(() => first.kill());
  const error = await t.throwsAsync(startZooKeeper({ dataDir: `${folder}/second`, port: first.port }), {
    instanceOf: PortTakenError,
  });
  t.is(error.port, first.port);
});

test('a server that ends instead of serving is an error that quotes its log', async (t) => {
  const start = startZooKeeper({ dataDir: temporaryFolder(t), settings: { tickTime: 'soon' } });
  const error = await t.throwsAsync(start, { instanceOf: ZooKeeperStartError });
  t.regex(error.message, /NumberFormatException/);
});

/** A key with its certificate, and a store that trusts it, made with the keytool of the Java that is used. */
async function makeStores(folder: string): Promise<TlsSettings> {
  const { java } = await obtainToolchain();
  const keytool = (...parameters: string[]) => {
    execFileSync(join(dirname(realpathSync(java)), 'keytool'), [...parameters, '-alias', 'zk'], { stdio: 'pipe' });
  };
  const store = (name: string) => ['-keystore', join(folder, name), '-storetype', 'PKCS12', '-storepass', 'a-secret'];
  const certificate = join(folder, 'certificate');
  keytool('-genkeypair', '-dname', 'CN=localhost', '-keyalg', 'RSA', ...store('key.p12'));
  keytool('-exportcert', '-file', certificate, ...store('key.p12'));
  keytool('-importcert', '-noprompt', '-file', certificate, ...store('trust.p12'));
  return {
    keyStorePath: join(folder, 'key.p12'),
    keyStorePassword: 'a-secret',
    trustStorePath: join(folder, 'trust.p12'),
    trustStorePassword: 'a-secret',
  };
}

test('a TLS port serves beside the plain one, to clients with a certificate', async (t) => {
  const folder = temporaryFolder(t);
  const tls = await makeStores(folder);
  const server = await startZooKeeper({ dataDir: join(folder, 'data'), secureClientPort: 0, tls });
  t.teardown(() => server.kill());
  t.is(await server.mode(), 'standalone');
  const pfx = readFileSync(tls.keyStorePath);
  const address = { host: '127.0.0.1', port: server.secureClientPort, rejectUnauthorized: false };
  const socket = connect({ ...address, pfx, passphrase: 'a-secret' });
  await once(socket, 'secureConnect');
  socket.write('srvr');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  t.regex(answer.toString(), /^Zookeeper version/);
});

test('an ensemble survives the death of its leader, and takes it back', async (t) => {
  const ensemble = await startEnsemble({ dataDir: temporaryFolder(t), servers: 3 });
  t.teardown(() => ensemble.kill());
  const leader = await ensemble.leader();
  t.truthy(leader);
  await leader?.kill();
  t.is(ensemble.servers.filter((server) => server.pid !== undefined).length, 2);
  await leader?.restart();
  t.is(await leader?.mode(), 'follower');
  await ensemble.stop();
  t.true(ensemble.servers.every((server) => server.pid === undefined));
});

test('a server does not outlive a parent that dies of SIGKILL, not even while it is stopped', async (t) => {
  const script = `
    import { startZooKeeper } from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
    const server = await startZooKeeper({ dataDir: process.argv[1] });
    server.pause();
    console.log(String(server.pid));
  `;
  const folder = temporaryFolder(t);
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  t.true(isAlive(pid));
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  t.false(isAlive(pid));
});
