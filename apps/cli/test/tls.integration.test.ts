import { testSecureServer } from '@drover/testing';
import test from 'ava';
import { documents, drover, ended, start } from './drover.js';

test('scheduler, worker and client over TLS; who is not trusted is told why: exit code 3', async (t) => {
  const { port, caFile, client } = await testSecureServer(t);
  const env = {
    DROVER_ZK: `localhost:${port}/secure`,
    DROVER_ZK_TLS_CA_FILE: caFile,
    DROVER_ZK_TLS_CERT_FILE: client.cert,
    DROVER_ZK_TLS_KEY_FILE: client.key,
    DROVER_ZK_TLS_PASSPHRASE_FILE: client.passphraseFile,
    DROVER_CONNECT_TIMEOUT: '60s',
  };
  const services = [
    ['scheduler', '--id', 's1'],
    ['worker', '--name', 'w1'],
  ].map((args) => {
    const child = start(args, { env });
    const over = ended(child);
    t.teardown(() => void child.kill('SIGKILL'));
    return async () => {
      child.kill('SIGTERM');
      return (await over).code;
    };
  });
  const { code, stdout, stderr } = await drover(['submit', 'echo', '--payload', '7', '--wait', '--json'], { env });
  t.is(code, 0, stderr);
  t.like(documents(stdout)[0], { state: 'succeeded', result: 7, worker: 'w1' });

  const { DROVER_ZK_TLS_CA_FILE: _, ...untrusting } = env;
  const refused = await drover(['status', '--connect-timeout', '2s'], { env: untrusting });
  t.is(refused.code, 3);
  t.regex(refused.stderr, /no ZooKeeper at localhost:.*self.signed certificate/);
  const measured = await drover(['bench', '--quick', '--only', 'idle', '--json'], { env });
  t.is(measured.code, 0, measured.stderr);
  const { figures } = documents(measured.stdout)[0] as { figures: { part: string; rows: unknown[] }[] };
  t.deepEqual(
    figures.map(({ part, rows }) => [part, rows.length]),
    [['idle', 2]],
  );
  const notMeasured = await drover(['bench', '--quick', '--connect-timeout', '2s'], { env: untrusting });
  t.is(notMeasured.code, 3);
  t.deepEqual(await Promise.all(services.map((stop) => stop())), [0, 0]);
});
