import { readFileSync } from 'node:fs';
import test from 'ava';
import { testSecureServer, type SecureServer } from '@drover/testing';
import type { ProtocolClient, TlsOptions } from '../../src/index.js';
import { open } from './connecting.js';

/** The TLS options of a client, read from the server's files. */
function tlsOf({ caFile, client }: SecureServer): { ca: string; client: TlsOptions } {
  const read = (path: string): string => readFileSync(path, 'utf8');
  return {
    ca: read(caFile),
    client: { cert: read(client.cert), key: read(client.key), passphrase: client.passphrase },
  };
}

/** Resolves with why `client` could not connect, once an attempt has failed for a reason that matches. */
async function failsFor(client: ProtocolClient, reason: RegExp): Promise<string> {
  for (;;) {
    const why = client.lastFailure?.message ?? '';
    if (reason.test(why) || client.state === 'closed') return `${client.state}: ${why}`;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('over TLS certificates are shown and checked on both sides, and a failure says why', async (t) => {
  const secure = await testSecureServer(t);
  const { port } = secure;
  const { ca, client } = tlsOf(secure);
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

test('certificates that are replaced while a client runs count at its next connection', async (t) => {
  const secure = await testSecureServer(t);
  const connect = `localhost:${secure.port}`;
  const tls = (): TlsOptions => {
    const { ca, client } = tlsOf(secure);
    return { ...client, ca };
  };
  const reading = open(t, connect, { tls, sessionTimeoutMs: 30_000 });
  const fixed = open(t, connect, { tls: tls(), sessionTimeoutMs: 30_000 });
  await Promise.all([reading.connected(), fixed.connected()]);
  const { sessionId } = reading;
  const lost = new Promise<void>((resolve) => reading.onState((state) => state === 'suspended' && resolve()));
  await secure.renew();
  await lost;
  await reading.connected();
  t.is(reading.sessionId, sessionId);
  t.regex(await failsFor(fixed, /self.signed/), /suspended: .*self.signed certificate/);
});

test('TLS files that cannot be read, or are no certificates, fail an attempt with the reason, and nothing else', async (t) => {
  const secure = await testSecureServer(t);
  const connect = `localhost:${secure.port}`;
  let why: 'unreadable' | 'garbage' | 'good' = 'unreadable';
  const tls = (): TlsOptions => {
    if (why === 'unreadable') throw new Error('the file is gone');
    const { ca, client } = tlsOf(secure);
    return { ...client, ca: why === 'garbage' ? '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' : ca };
  };
  const zk = open(t, connect, { tls, sessionTimeoutMs: 30_000 });
  t.regex(await failsFor(zk, /gone/), /connecting: the file is gone/);
  why = 'garbage';
  t.notRegex(await failsFor(zk, /^(?!.*gone)./), /gone/);
  why = 'good';
  await zk.connected();
});
