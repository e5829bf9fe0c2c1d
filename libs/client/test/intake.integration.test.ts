import { setImmediate as turn } from 'node:timers/promises';
import { encodeRecord } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { IntakeClosedError } from '../src/index.js';
import { client } from './client.js';

const word = (open: boolean): string =>
  encodeRecord('intake', { open, tasks: 11, bytes: 500, maxTasks: 10, maxBytes: 1_000 });

test('a submit is taken until the leader says that the system is full, and again when it is not', async (t) => {
  const { connect: zkConnect } = await testZooKeeper(t);
  const drover = await client(t, zkConnect);
  const leader = connectZooKeeper({ connect: zkConnect, runtime: systemRuntime });
  t.teardown(() => leader.close());
  await t.notThrowsAsync(drover.submit('noop'), 'there is no word yet');
  await leader.create('/intake', word(false));
  const next = async (outcome: 'taken' | 'refused'): Promise<unknown> => {
    for (;;) {
      const answer = await drover.submit('noop').catch((error: unknown) => error);
      if (answer instanceof IntakeClosedError === (outcome === 'refused')) return answer;
      await turn();
    }
  };
  const error = await next('refused');
  t.like(error, { tasks: 11, bytes: 500, maxTasks: 10, maxBytes: 1_000 });
  t.regex(String(error), /11 tasks .* the limits are 10 tasks/);
  await leader.set('/intake', word(true));
  t.truthy(await next('taken'));
});

test('a new client asks before its first task goes out', async (t) => {
  const { connect: zkConnect } = await testZooKeeper(t);
  await client(t, zkConnect);
  const leader = connectZooKeeper({ connect: zkConnect, runtime: systemRuntime });
  t.teardown(() => leader.close());
  await leader.create('/intake', word(false));
  const drover = await client(t, zkConnect);
  await t.throwsAsync(drover.submit('noop'), { instanceOf: IntakeClosedError });
  const sameKey = [1, 2].map((n) => drover.submit('noop', n, { key: 'k' }));
  for (const each of sameKey) await t.throwsAsync(each, { instanceOf: IntakeClosedError });
  await t.throwsAsync(
    async () => {
      for await (const _ of drover.submitMany([{ type: 'noop' }, { type: 'noop' }]));
    },
    { instanceOf: IntakeClosedError },
  );
  t.deepEqual(await leader.children('/'), ['intake'], 'nothing was written');
});
