import { QueueFullError } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

const handlers = { noop: (): null => null };

test('a full queue refuses its own tasks, a tenant that is full those of its own, and others go on', async (t) => {
  const { drover, settle, clock, close } = await testDrover({ handlers });
  t.teardown(close);
  await drover.configureQueue('media', { maxPending: 10, maxPendingPerTenant: 3 });
  await drover.pauseQueue('media');
  const submit = (tenant: string, count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => drover.submit('noop', null, { queue: 'media', tenant })));
  await submit('loud', 4);
  await settle();
  await clock.advance('1s');
  const refused = await t.throwsAsync(drover.submit('noop', null, { queue: 'media', tenant: 'loud' }), {
    instanceOf: QueueFullError,
  });
  t.like(refused, { queue: 'media', tenant: 'loud', max: 3 });
  t.regex(refused.message, /3 tasks of the tenant 'loud' or more .* --max-pending-per-tenant N/);
  await submit('a', 2);
  await submit('b', 2);
  await submit('c', 2);
  await settle();
  await clock.advance('1s');
  const many = await t.throwsAsync(
    async () => {
      for await (const _ of drover.submitMany([{ type: 'noop', queue: 'media', tenant: 'd' }]));
    },
    { instanceOf: QueueFullError },
  );
  t.like(many, { queue: 'media', tenant: undefined, max: 10 });
  t.regex(many.message, /queue 'media' is full: 10 tasks or more are unfinished, which is its maxPending/);
  await (await drover.submit('noop')).result();
  t.like(
    (await drover.queues()).find(({ name }) => name === 'media'),
    { unfinished: 10, full: true, fullTenants: 1 },
  );
  await drover.resumeQueue('media');
  await settle();
  await clock.advance('1s');
  await submit('loud', 1);
  t.pass('nothing is left unfinished');
});

test('what waits in the client when its tenant becomes full is refused, and nothing else', async (t) => {
  const { drover, settle, clock, close } = await testDrover({ handlers });
  t.teardown(close);
  await drover.configureQueue('media', { maxPendingPerTenant: 100 });
  await drover.pauseQueue('media');
  await clock.advance('1s');
  const tenants = Array.from({ length: 30_000 }, (_, n) => (n % 100 === 0 ? `quiet${n}` : 'loud'));
  const ends = await Promise.allSettled(
    tenants.map((tenant) => drover.submit('noop', null, { queue: 'media', tenant })),
  );
  await settle();
  await clock.advance('1s');
  const ofLoud = ends.filter((_, n) => tenants[n] === 'loud');
  const refused = ofLoud.filter(({ status }) => status === 'rejected').length;
  t.true(refused > 0 && refused < ofLoud.length, `${refused} of ${ofLoud.length}`);
  t.true(ends.every(({ status }, n) => status === 'fulfilled' || tenants[n] === 'loud'));
  let stored = 0;
  for await (const _ of drover.list({ limit: Infinity })) stored++;
  t.is(stored, ends.length - refused);
});
