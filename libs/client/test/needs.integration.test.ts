import test from 'ava';
import { assignmentName, batchPath, encodeRecord, queuePath, resultPath, ROOTS, schedulerPath } from '@drover/protocol';
import { client, collect, world } from './client.js';
import type { PlayedCluster } from './played-cluster.js';

const NEEDS = { v: 2, needs: ['one-day'] };
const WHY = /needs 'one-day', which this program does not understand: upgrade it/;
const batchOf = (id: string): string => id.split('.')[0] ?? '';

/** Rewrites the first line of a record. */
async function change({ zk }: PlayedCluster, path: string, fields: object): Promise<void> {
  const [first = '', ...lines] = (await zk.get(path)).data.toString().split('\n');
  await zk.set(path, [JSON.stringify({ ...(JSON.parse(first) as object), ...fields }), ...lines].join('\n'));
}

test('tasks of a batch that needs what the client does not understand are shown as unreadable, with the reason', async (t) => {
  const { drover, cluster, zk } = await world(t);
  const plain = await drover.submit('noop', 1);
  const special = await drover.submit('noop', 2, { queue: 'special' });
  await cluster.batches(2);
  const path = batchPath(batchOf(special.id));
  await change(cluster, path, { ...NEEDS, count: 3, groups: 'of another shape' });
  const id = `${batchOf(special.id)}.1`;
  const view = await drover.get(id, { payload: true });
  t.like(view, { id, state: 'unreadable', queue: 'special', type: '?', history: [] });
  t.regex(view.reason ?? '', WHY);
  const listed = await collect(drover.list({ filter: 'queue:special' }));
  t.deepEqual(
    listed.filter(({ state }) => state === 'unreadable').map(({ id: each }) => each),
    [2, 1, 0].map((index) => `${batchOf(id)}.${index}`),
  );
  t.deepEqual(
    (await collect(drover.list({ state: 'unreadable', after: id }))).map(({ id: each }) => each),
    [`${batchOf(id)}.0`],
  );
  t.is((await drover.get(plain.id)).state, 'pending');
  // Nobody can tell what became of it.
  const other = await client(t, zk);
  await t.throwsAsync(other.task(id).result(), { name: 'RecordError', message: WHY });
});

test('a result that needs what the client does not understand: the task has ended so, and the result is an error', async (t) => {
  const { drover, cluster } = await world(t);
  const task = await drover.submit('noop', 1);
  await cluster.batches(1);
  const result = task.result();
  const batch = batchOf(task.id);
  const name = assignmentName(batch, { epoch: 1, n: 1 }).split('.')[1] ?? '';
  const path = resultPath(batch, `${name}.0`);
  const report = { ...NEEDS, worker: 'w1-5twzkr9a1c', attempt: 1, at: 7, tasks: [[0, 1, 'succeeded']] };
  await cluster.zk.create(path, `${JSON.stringify(report)}\n{"result":{"at":"elsewhere"},"ms":1}`);
  await change(cluster, batchPath(batch), { finished: { at: 1, succeeded: 1, failed: 0, cancelled: 0 } });
  await t.throwsAsync(result, { name: 'RecordError', message: WHY });
  const view = await drover.get(task.id);
  t.like(view, { state: 'succeeded', attempt: 1, result: undefined });
  t.regex(view.reason ?? '', WHY);
});

test('a key that is held by what the client does not understand fails only the task that asks for it', async (t) => {
  const { drover, cluster } = await world(t);
  const holder = await drover.submit('noop', 1, { key: 'k' });
  await cluster.batches(1);
  const [directory = ''] = (
    await Promise.all(
      (await cluster.zk.children(ROOTS.keys)).map(async (bucket) =>
        (await cluster.zk.children(`${ROOTS.keys}/${bucket}`)).map((name) => `${ROOTS.keys}/${bucket}/${name}`),
      ),
    )
  ).flat();
  await change(cluster, directory, NEEDS);
  const [same, other] = await Promise.allSettled([drover.submit('noop', 2, { key: 'k' }), drover.submit('noop', 3)]);
  t.is(other.status, 'fulfilled');
  t.regex(String((same as PromiseRejectedResult).reason), WHY);
  // It names a task of another cell.
  await change(cluster, directory, { v: 1, needs: undefined, task: `eu~${holder.id}` });
  await t.throwsAsync(drover.submit('noop', 2, { key: 'k' }), { name: 'UnknownCellError', message: /'eu'/ });
});

test('status shows what the leader leaves alone, and where leader and schedulers answer', async (t) => {
  const { drover, cluster } = await world(t);
  await cluster.zk.create(queuePath('special'), JSON.stringify({ ...NEEDS, paused: false }));
  const pausedBy = { reason: 'its settings cannot be heeded', at: 5 };
  const tally = { scheduled: 0, pending: 1, out: 0, running: 0, retrying: 0, succeeded: 0, failed: 0, cancelled: 0 };
  const status = {
    ...{ at: 1, epoch: 1, leader: 's1', tasks: tally, unservedTypes: [], unreadableBatches: 2 },
    queues: { special: { paused: true, pausedBy, pending: 1, out: 0, running: 0 } },
  };
  await cluster.zk.create(ROOTS.status, encodeRecord('status', status));
  const api = 'https://zeus:8443';
  const scheduler = { id: 's1', host: 'h', pid: 1, version: '1', startedAt: 5 };
  await cluster.zk.create(ROOTS.leader, encodeRecord('leader', { id: 's1', host: 'h', pid: 1, epoch: 1, api }));
  await cluster.zk.create(schedulerPath('s1'), encodeRecord('scheduler', { ...scheduler, api, understands: ['x'] }));
  await cluster.zk.create(schedulerPath('s2'), encodeRecord('scheduler', { ...scheduler, id: 's2' }));
  await cluster.zk.create(schedulerPath('s3'), JSON.stringify({ ...scheduler, ...NEEDS }));
  const view = await drover.status();
  t.is(view.unreadableBatches, 2);
  t.like(view.leader, { id: 's1', api });
  t.deepEqual(
    view.schedulers.map((each) => [each.id, each.api]),
    [
      ['s1', api],
      ['s2', undefined],
    ],
  );
  t.like(view.queues[0], { name: 'special', paused: true, pausedBy });
  const task = await drover.submit('noop', 1, { queue: 'special' });
  t.regex((await drover.get(task.id)).reason ?? '', /queue special is paused.*cannot be heeded/);
});
