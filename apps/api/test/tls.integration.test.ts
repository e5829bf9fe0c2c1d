import { copyFileSync, readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { makeIdentity, testFolder, testZooKeeper, type IdentityFiles } from '@drover/testing';
import test from 'ava';
import { client, startReplica, type Body } from './replica.js';

interface Callers {
  port: string;
  ca: string;
  /** Its certificate; absent: it shows none. */
  identity?: IdentityFiles;
  headers?: Record<string, string>;
}

const shown = ({ identity }: Pick<Callers, 'identity'>): object =>
  identity === undefined ? {} : { cert: readFileSync(identity.cert), key: readFileSync(identity.key) };

function callerOf({ port, ca, identity }: Callers): Promise<Body['caller']> {
  const options = { host: '127.0.0.1', port, path: '/v1', ca: readFileSync(ca), servername: 'localhost', agent: false };
  return new Promise((resolve, reject) => {
    request(
      {
        ...options,
        ...shown({ ...(identity === undefined ? {} : { identity }) }),
        headers: { host: `localhost:${port}` },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve((JSON.parse(text) as Body).caller));
      },
    )
      .on('error', reject)
      .end();
  });
}

function callerByHttp2({ port, ca, identity }: Callers): Promise<Body['caller']> {
  const session = connectHttp2(`https://localhost:${port}`, {
    ca: readFileSync(ca),
    ...shown({ ...(identity === undefined ? {} : { identity }) }),
  });
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ ':path': '/v1' });
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => (text += chunk));
    stream.on('end', () => {
      session.close();
      resolve((JSON.parse(text) as Body).caller);
    });
    stream.on('error', reject);
    stream.end();
  });
}

function serverCertificate(port: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    }).on('error', reject);
  });
}

test('a certificate names its caller by HTTP/1.1 and HTTP/2, and the own one is read again when it changes', async (t) => {
  const { connect: zk } = await testZooKeeper(t);
  await client(t, zk);
  const folder = await testFolder(t);
  const own = makeIdentity(folder, 'localhost', 'DNS:localhost');
  const web = makeIdentity(folder, 'web', 'DNS:web.example.com,URI:spiffe://prod/web');
  const stranger = makeIdentity(folder, 'stranger', 'DNS:web.example.com');
  const [cert, key] = [join(folder, 'api.crt'), join(folder, 'api.key')];
  copyFileSync(own.cert, cert);
  copyFileSync(own.key, key);
  const replica = await startReplica(t, zk, 's1', {
    ...{ apiAuth: 'mtls,token', apiTlsCertFile: cert, apiTlsKeyFile: key, apiTlsClientCaFile: web.cert },
    apiMtlsRoles: 'DNS:web.example.com=submitter,CN:nobody=admin',
  });
  const { port, protocol } = new URL(replica.url);
  t.is(protocol, 'https:');
  for (const ask of [callerOf, callerByHttp2]) {
    t.like(await ask({ port, ca: own.cert, identity: web }), { name: 'CN:web', auth: 'mtls', roles: ['submitter'] });
    t.is(await ask({ port, ca: own.cert }), null, 'who shows none may sign in in another way');
    t.is(await ask({ port, ca: own.cert, identity: stranger }), null, 'the name alone is nothing');
  }

  const before = await serverCertificate(port);
  const next = makeIdentity(folder, 'next', 'DNS:localhost');
  copyFileSync(next.cert, cert);
  copyFileSync(next.key, key);
  let now = before;
  while (now === before) now = await serverCertificate(port);
  t.is((await callerOf({ port, ca: next.cert, identity: web }))?.name, 'CN:web');
});
