import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testSecureServer, testZooKeeper } from '@drover/testing';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { ENSEMBLE_PARTS, PARTS, runBenchmark, SCENARIO_PARTS } from '../src/benchmark.js';
import { ceiling } from '../src/ceiling/ceiling.js';
import { benchmarkEnsemble } from '../src/index.js';
import { inPlace } from '../src/place.js';
import { droverContender } from '../src/systems/drover.js';
import { checkParts, settings } from './check-form.js';

const COVERED = [...ENSEMBLE_PARTS, ...SCENARIO_PARTS, 'growth'];

test.serial('check form of all other parts: every task has exactly one result', (t) =>
  checkParts(
    t,
    PARTS.filter((part) => !COVERED.includes(part)),
  ),
);

test.serial('what is measured is reached over TLS too, the bare protocol included', async (t) => {
  const { port, caFile, client } = await testSecureServer(t);
  const connection = {
    zkTlsCaFile: caFile,
    zkTlsCertFile: client.cert,
    zkTlsKeyFile: client.key,
    zkTlsPassphraseFile: client.passphraseFile,
    connectTimeout: '60s',
  };
  await inPlace(`localhost:${port}`, { ...settings, connection }, async (place) => {
    for (const contender of [
      ceiling(place, place.newRoot('ceiling')),
      droverContender(place.chroot('drover'), place),
    ]) {
      const system = await contender.open();
      await t.notThrowsAsync(system.bulk(1_000), contender.name);
      await system.close();
    }
  });
});

test.serial('many workers of one process do as they are told, and nothing warns', async (t) => {
  const { connect } = await testZooKeeper(t);
  const script = fileURLToPath(new URL('../src/systems/crowd.child.js', import.meta.url));
  const child = fork(script, [JSON.stringify({ flags: { zk: connect }, from: 0, workers: 15 })], { silent: true });
  t.teardown(() => void child.kill('SIGKILL'));
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await once(child, 'message');
  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number | null];
  t.deepEqual([code, told], [0, '']);
});

test.serial('a benchmark on an ensemble of somebody else leaves nothing behind', async (t) => {
  const { address } = await testZooKeeper(t);
  const zk = connectZooKeeper({ connect: address, runtime: systemRuntime });
  t.teardown(() => zk.close());
  const before = await zk.children('/');
  const { figures: groups } = await benchmarkEnsemble(address, { ...settings, connection: {}, only: ['idle'] });
  t.is(groups[0]?.rows.length, 2);
  const left = (await zk.children('/')).filter((name) => name.startsWith('drover-bench-') && !before.includes(name));
  t.deepEqual(left, []);
});

test.serial('a part that fails is said, and the run goes on', async (t) => {
  const { failed, figures: groups } = await runBenchmark({
    ...settings,
    program: '/nowhere/drover',
    only: ['million', 'planner'],
  });
  t.deepEqual(
    failed.map(({ part }) => part),
    ['million'],
  );
  t.regex(failed[0]?.reason ?? '', /drover submit ended with 1: [^]*Cannot find module '\/nowhere\/drover'/);
  t.true(Number(groups.find(({ part }) => part === 'planner')?.rows.length) > 0);
});
