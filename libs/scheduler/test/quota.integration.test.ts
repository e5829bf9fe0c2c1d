import test from 'ava';
import { workerPath } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { testServer } from '@drover/testing';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';
import { logged, World } from './support/world.js';

const ROOT = '/drover';
const QUOTA = `/zookeeper/quota${ROOT}`;

/** A world on a server of its own that enforces quotas, and a handle outside its root. */
async function worldWithQuotas(t: Parameters<typeof testServer>[0]): Promise<{ world: World; admin: ZooKeeper }> {
  const { connect: address } = await testServer(t, { settings: { enforceQuota: 'true', maxSessionTimeout: '30000' } });
  const world = await World.create(t, { address, chroot: ROOT, connect: `${address}${ROOT}` });
  const admin = connectZooKeeper({ connect: address, runtime: systemRuntime, sessionTimeoutMs: 10_000 });
  t.teardown(() => admin.close());
  await admin.connected();
  await admin.create(QUOTA, '');
  await admin.create(`${QUOTA}/zookeeper_limits`, limits({}));
  await admin.create(`${QUOTA}/zookeeper_stats`, 'count=0,bytes=0');
  return { world, admin };
}

interface Amount {
  znodes?: number;
  bytes?: number;
}

/** Hard ones, as `setquota -N` and `-B` of zkCli write them. */
const limits = ({ znodes = -1, bytes = -1 }: Amount): string =>
  `count=-1,bytes=-1=;byteHardLimit=${bytes};countHardLimit=${znodes}`;

async function used(admin: ZooKeeper): Promise<Required<Amount>> {
  const stats = (await admin.get(`${QUOTA}/zookeeper_stats`)).data.toString();
  const [, znodes = '0', bytes = '0'] = /count=(\d+),bytes=(\d+)/.exec(stats) ?? [];
  return { znodes: Number(znodes), bytes: Number(bytes) };
}

interface Shown {
  open: boolean;
  code?: string;
  reason?: string;
}

for (const kind of ['znodes', 'bytes'] as const)
  test(`a hard quota of ${kind} that is used up closes the intake and ends no term, until there is room`, async (t) => {
    const { world, admin } = await worldWithQuotas(t);
    const leader = await world.scheduler('s1', { aheadMs: 0 });
    const worker = await world.worker('w1', { hold: true, capacity: 1 });
    const first = await world.submitter.submit(1);
    await worker.next();
    const second = await world.submitter.submit(1);
    const status = (): Promise<{ tasks: { pending: number; out: number }; intake: Shown } | null> =>
      world.json('/status');
    await world.until(async () => ((await status())?.tasks.pending === 1 ? true : null));
    await admin.set(`${QUOTA}/zookeeper_limits`, limits({ [kind]: (await used(admin))[kind] }));

    // The worker takes more now, and its record is not larger: there is something to assign, and no room for it.
    const path = workerPath(worker.id);
    const record = (await worker.zk.get(path)).data.toString().replace('"capacity":1', '"capacity":2');
    await worker.zk.set(path, record);
    await world.until(() => (logged(leader, 'quota.exceeded') ? true : null));
    const intake = (open: boolean): Promise<Shown> =>
      world.until(async () => {
        const found = await world.json<Shown>('/intake');
        return found?.open === open ? found : null;
      });
    const closed = await intake(false);
    t.is(closed.code, 'quota');
    t.regex(closed.reason ?? '', /quota is used up/);
    const shown = await world.until(async () => {
      const found = await status();
      return found?.intake.open === false ? found : null;
    });
    t.like(shown, { tasks: { pending: 1, out: 1 }, intake: { code: 'quota' } });
    t.is(worker.held.size, 1);

    await admin.set(`${QUOTA}/zookeeper_limits`, limits({}));
    await intake(true);
    await worker.release();
    for (const batch of [first, second]) t.is((await world.until(() => world.submitter.finished(batch))).succeeded, 1);
    t.is(leader.events.filter(({ name }) => name === 'term.began').length, 1);
    t.is(leader.events.filter(({ name }) => name === 'quota.exceeded').length, 1);
    t.true(logged(leader, 'quota.cleared') && logged(leader, 'intake.closed', { code: 'quota' }));
  });
