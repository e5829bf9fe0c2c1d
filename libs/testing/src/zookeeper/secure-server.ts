import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { testFolder, testServer, type Teardown } from './test-zookeeper.js';

const PASSPHRASE = 'a-secret';

/** PEM files. */
export interface IdentityFiles {
  cert: string;
  key: string;
}

export interface SecureServer {
  /** The TLS port at 127.0.0.1. The certificate is for the names `localhost` and `zk.test`, not for an address. */
  port: number;
  /** The server's certificate, which signs itself. */
  caFile: string;
  /** The only client that the server knows. Its key is encrypted. */
  client: IdentityFiles & { passphraseFile: string; passphrase: string };
  /** Restarts the server with a new certificate; it stands in `caFile` then. */
  renew(): Promise<void>;
}

/** A server for this test alone, with a TLS port that demands certificates of its clients. Needs `openssl`. */
export async function testSecureServer(t: Teardown): Promise<SecureServer> {
  const folder = await testFolder(t);
  const [keyStore, trustStore] = [join(folder, 'server.pem'), join(folder, 'trusted.pem')];
  const makeServerIdentity = (): IdentityFiles => {
    const files = makeIdentity(folder, 'localhost', 'DNS:localhost,DNS:zk.test');
    writeFileSync(keyStore, readFileSync(files.key, 'utf8') + readFileSync(files.cert, 'utf8'));
    return files;
  };
  const { cert: caFile } = makeServerIdentity();
  const client = makeIdentity(folder, 'client', 'DNS:client', PASSPHRASE);
  const passphraseFile = join(folder, 'passphrase');
  writeFileSync(trustStore, readFileSync(client.cert));
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`);
  const port = await freePort();
  const server = await testServer(t, {
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
  return {
    port,
    caFile,
    client: { ...client, passphraseFile, passphrase: PASSPHRASE },
    renew: async () => {
      await server.stop();
      makeServerIdentity();
      await server.restart();
    },
  };
}

/** A self-signed certificate and its key, which is encrypted where a passphrase is given. */
export function makeIdentity(folder: string, name: string, subjectAltName: string, passphrase?: string): IdentityFiles {
  const [cert, key] = [join(folder, `${name}.cert.pem`), join(folder, `${name}.key.pem`)];
  const encryption = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subjectAltName}`];
  const output = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-days', '2', ...encryption, ...subject, ...output], {
    stdio: 'pipe',
  });
  return { cert, key };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
