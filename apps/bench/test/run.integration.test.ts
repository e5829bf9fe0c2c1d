import { testZooKeeper } from '@drover/testing';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { ceiling } from '../src/ceiling/ceiling.js';
import { benchmarkEnsemble } from '../src/index.js';
import { inPlace } from '../src/place.js';
import { droverContender } from '../src/systems/drover.js';

const settings = { quick: true, program: 'drover', say: () => undefined };

test.serial('each run of the ceiling and of Drover gives every task exactly one result', async (t) => {
  const { address } = await testZooKeeper(t);
  await inPlace(address, settings, async (place) => {
    for (const contender of [
      ceiling([address], place.newRoot('ceiling')),
      droverContender(place.chroot('drover'), 1),
    ]) {
      const system = await contender.open();
      await t.notThrowsAsync(system.bulk(2_500), contender.name);
      await t.notThrowsAsync(system.single(), contender.name);
      await system.close();
    }
  });
});

test.serial('a benchmark on an ensemble of somebody else leaves nothing behind', async (t) => {
  const { address } = await testZooKeeper(t);
  const zk = connectZooKeeper({ connect: address, runtime: systemRuntime });
  t.teardown(() => zk.close());
  const before = await zk.children('/');
  const { figures } = await benchmarkEnsemble(address, { ...settings, only: ['idle'] });
  t.is(figures.length, 2);
  const left = (await zk.children('/')).filter((name) => name.startsWith('drover-bench-') && !before.includes(name));
  t.deepEqual(left, []);
});
