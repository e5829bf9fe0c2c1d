import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testSecureServer, testZooKeeper } from '@drover/testing';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { ENSEMBLE_PARTS, PARTS, runBenchmark, SCENARIO_PARTS } from '../src/benchmark.js';
import { ceiling } from '../src/ceiling/ceiling.js';
import type { FigureRow } from '../src/figures/figure.js';
import { benchmarkEnsemble, EFFORTS } from '../src/index.js';
import { inPlace } from '../src/place.js';
import type { Results } from '../src/results.js';
import { droverContender } from '../src/systems/drover.js';

const settings = {
  effort: EFFORTS.check,
  program: fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json'))),
  // A build server gets what is missing; nobody's own machine is changed by its tests.
  install: process.env.CI !== undefined,
  say: () => undefined,
};

const EXPECTED: Readonly<Record<string, number>> = { compare: 4, callers: 2, znodes: 2, peers: 4, growth: 10 };
/** Parts that share servers run together: each run begins with servers of its own. */
const RUNS: readonly (readonly string[])[] = [
  ENSEMBLE_PARTS,
  SCENARIO_PARTS,
  ...PARTS.filter((part) => ![...ENSEMBLE_PARTS, ...SCENARIO_PARTS].includes(part)).map((part) => [part]),
];

/** The number of rows that each part has made; for peers this depends on the servers that this machine has. */
function rowsOf(part: string, { ensembles, peers, curves, figures }: Results): number {
  if (part === 'compare') return ensembles.flatMap(({ rows }) => rows).length;
  if (part === 'peers') return (peers?.rows.length ?? 0) + (peers?.leftOut.length ?? 0);
  if (part === 'growth') return curves.flatMap(({ points }) => points).length;
  if (ENSEMBLE_PARTS.includes(part)) return figuresOf(part, ensembles).length;
  return figures.filter((of) => of.part === part).flatMap(({ rows }) => rows).length;
}

const figuresOf = (part: string, ensembles: Results['ensembles']): FigureRow[] =>
  ensembles.flatMap(({ figures }) => figures.filter(({ name }) => name.includes(part)));

for (const parts of RUNS)
  test.serial(`check form, ${parts.join(', ')}: every task has exactly one result`, async (t) => {
    let saved = 0;
    const results = await runBenchmark({
      ...settings,
      only: parts,
      save: () => {
        saved++;
        return Promise.resolve();
      },
    });
    t.deepEqual(results.failed, []);
    for (const part of parts) {
      const count = rowsOf(part, results);
      if (EXPECTED[part] === undefined) t.true(count > 0, part);
      else t.is(count, EXPECTED[part], part);
    }
    // After all the work on an ensemble the number of znodes is where it began.
    for (const { name, value } of figuresOf('znodes', results.ensembles)) t.is(value.max, 0, name);
    t.true(results.finished);
    for (const reason of results.peers?.leftOut ?? []) t.log(`not run: ${reason}`);
    // Results are saved after each part, not only at the end.
    t.true(saved > 1);
  });

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
