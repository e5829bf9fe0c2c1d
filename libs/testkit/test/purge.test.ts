import { TaskNotFoundError } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const handlers = {
  ends: ({ fails }: { fails: boolean }): string => {
    if (fails) throw new Error('no');
    return 'done';
  },
};

test('purged dead letters are gone for whoever asks; others, and the successes beside them, stay', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const submit = (fails: boolean, queue: string) => drover.submit('ends', { fails }, { queue, maxAttempts: 1 });
  const [dead, good, kept] = await Promise.all([submit(true, 'a'), submit(false, 'a'), submit(true, 'b')]);
  const rejected = t.throwsAsync(dead.result());
  await settle();
  await rejected;
  const found = async (filter: string): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of drover.list({ filter })) ids.push(id);
    return ids.sort();
  };
  t.like(await drover.dead.purge({ filter: 'queue:a', dryRun: true }), { found: 1, purged: 0 });
  t.is((await found('state:failed')).length, 2);
  t.like(await drover.dead.purge({ filter: 'queue:a' }, { by: 'ada' }), { found: 1, purged: 1, refused: [] });
  t.deepEqual(await found(''), [good.id, kept.id].sort());
  await t.throwsAsync(drover.get(dead.id), { instanceOf: TaskNotFoundError });
  t.is(await drover.task(good.id).result(), 'done');
  t.like(await drover.retry([dead.id]), [{ ok: false, state: 'unknown' }]);
  t.like(await drover.dead.purge({ filter: 'queue:a' }), { found: 0, purged: 0 });
  await t.throwsAsync(drover.dead.purge({ filter: '' }), { message: /filter: expected text such as/ });
});
