import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { testFolder, testServer } from '@drover/testing';
import type { ProtocolClient, TlsOptions } from '../../src/index.js';
import { open } from './connecting.js';

const PASSPHRASE = 'a-secret';

interface Identity {
  cert: string;
  key: string;
}

/** A self-signed certificate and its key, which is encrypted where a passphrase is given. */
function makeIdentity(folder: string, name: string, subjectAltName: string, passphrase?: string): Identity {
  const [cert, key] = [join(folder, `${name}.cert.pem`), join(folder, `${name}.key.pem`)];
  const encryption = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subjectAltName}`];
  const output = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-days', '2', ...encryption, ...subject, ...output], {
    stdio: 'pipe',
  });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A ZooKeeper with a TLS port that demands certificates of its clients, known to it. */
async function secureServer(t: ExecutionContext): Promise<{ port: number; ca: string; client: TlsOptions }> {
  const folder = await testFolder(t);
  // The names are in the certificate, the address is not.
  const server = makeIdentity(folder, 'localhost', 'DNS:localhost,DNS:zk.test');
  const client = makeIdentity(folder, 'client', 'DNS:client', PASSPHRASE);
  const [keyStore, trustStore] = [join(folder, 'server.pem'), join(folder, 'trusted.pem')];
  writeFileSync(keyStore, server.key + server.cert);
  writeFileSync(trustStore, client.cert);
  const port = await freePort();
  await testServer(t, {
    settings: {
      // A server that has just started may take its time for the first handshakes.
      maxSessionTimeout: '30000',
      secureClientPort: String(port),
      secureClientPortAddress: '127.0.0.1',
      serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
      'ssl.clientAuth': 'need',
      'ssl.keyStore.type': 'PEM',
      'ssl.keyStore.location': keyStore,
      'ssl.trustStore.type': 'PEM',
      'ssl.trustStore.location': trustStore,
    },
  });
  return { port, ca: server.cert, client: { ...client, passphrase: PASSPHRASE } };
}

/** Resolves with why `client` could not connect, once an attempt has failed for a reason that matches. */
async function failsFor(client: ProtocolClient, reason: RegExp): Promise<string> {
  for (;;) {
    const why = client.lastFailure?.message ?? '';
    if (reason.test(why) || client.state !== 'connecting') return `${client.state}: ${why}`;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('over TLS certificates are shown and checked on both sides, and a failure says why', async (t) => {
  const { port, ca, client } = await secureServer(t);
  const trusted = { ...client, ca };
  const sessionTimeoutMs = 30_000;

  const byName = open(t, `localhost:${port}`, { tls: trusted, sessionTimeoutMs });
  await byName.create('/a', Buffer.alloc(900_000, 7));
  t.deepEqual((await byName.get('/a')).data, Buffer.alloc(900_000, 7), 'data of many TLS records is whole');
  const [created] = await Promise.all([byName.create('/b'), byName.set('/b', 'x'), byName.delete('/b')]);
  t.is(created.path, '/b');
  t.true((await byName.whoAmI()).some(({ scheme, id }) => scheme === 'x509' && id === 'CN=client'));

  const byServername = open(t, `127.0.0.1:${port}`, { tls: { ...trusted, servername: 'zk.test' } });
  t.not(await byServername.exists('/a'), null, 'the name to check can be another than that of the connect string');

  const unchecked = open(t, `127.0.0.1:${port}`, { tls: { ...client, rejectUnauthorized: false } });
  t.not(await unchecked.exists('/a'), null);

  const wrongName = open(t, `127.0.0.1:${port}`, { tls: trusted });
  t.regex(await failsFor(wrongName, /altnames/), /connecting: .*does not match certificate's altnames/);

  const untrusting = open(t, `localhost:${port}`, { tls: client });
  t.regex(await failsFor(untrusting, /self.signed/), /connecting: self.signed certificate/);

  const anonymous = open(t, `localhost:${port}`, { tls: { ca } });
  t.regex(await failsFor(anonymous, /certificate/), /connecting: .*(bad certificate|certificate required)/);

  const plain = open(t, `localhost:${port}`, { sessionTimeoutMs: 2_000 });
  t.regex(await failsFor(plain, /localhost/), /connecting: localhost:\d+ .*(closed the connection|did not answer)/);
});
