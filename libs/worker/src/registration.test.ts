import { decodeRecord, workerPath, type WorkerRecord } from '@drover/protocol';
import { ZooKeeperError, type Operation, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { register } from './registration.js';

const RECORD: Omit<WorkerRecord, 'v'> = {
  ...{ name: 'w', host: 'h', pid: 1, version: '1', startedAt: 1, capacity: 8, weight: 1, labels: {}, types: ['t'] },
  state: 'accepting',
  running: [],
  runningNow: 0,
};

test('a worker whose registration was not answered says what it is when it repeats it', async (t) => {
  const znodes = new Map<string, string>();
  const put = (op: string, path: string, data: unknown): void => {
    if (op === 'create' && znodes.has(path))
      throw new ZooKeeperError({ code: 'NODE_EXISTS', op, path, outcome: 'not-applied' });
    znodes.set(path, String(data));
  };
  const zk = {
    multi: async (operations: readonly (Operation & { data: string })[]) => {
      for (const { op, path, data } of operations) put(op, path, data);
      throw new ZooKeeperError({ code: 'CONNECTION_LOSS', op: 'multi', outcome: 'unknown' });
    },
    create: async (path: string, data: string) => put('create', path, data),
    set: async (path: string, data: string) => put('set', path, data),
  } as unknown as ZooKeeper;
  await t.throwsAsync(register(zk, 'w-5', RECORD), { message: /CONNECTION_LOSS/ });
  await register(zk, 'w-5', { ...RECORD, state: 'draining' });
  const path = workerPath('w-5');
  t.is(decodeRecord('worker', path, Buffer.from(znodes.get(path) ?? '')).state, 'draining');
});
