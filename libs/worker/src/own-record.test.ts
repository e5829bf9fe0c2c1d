import { decodeRecord, type WorkerRecord } from '@drover/protocol';
import { ManualRuntime } from '@drover/testing';
import type { ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { OwnRecord } from './own-record.js';

const RUN = { task: '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0', attempt: 1, startedAt: 5 };
const described: Omit<WorkerRecord, 'v'> = {
  ...{ name: 'w', host: 'h', pid: 1, version: '1', startedAt: 1, capacity: 8, weight: 1, labels: {}, types: ['t'] },
  state: 'accepting',
  running: [],
  runningNow: 0,
};

test('the count of what runs now, and what is used, go along with what is written, and are no reason to write', async (t) => {
  const runtime = new ManualRuntime();
  const written: WorkerRecord[] = [];
  const zk = {
    set: (path: string, text: string) => {
      written.push(decodeRecord('worker', path, Buffer.from(text)));
      return Promise.resolve();
    },
  } as unknown as ZooKeeper;
  let now = described;
  let cpu = 100;
  const options = { zk, runtime, worker: 'w-1', describe: () => now, isMoreToCome: () => false, used: () => ({ cpu }) };
  const record = new OwnRecord(
    { ...options, onEvicted: () => t.fail(), onBroken: (error) => t.fail(String(error)) },
    now,
  );
  now = { ...described, runningNow: 5 };
  cpu = 200;
  record.changed();
  await runtime.advance(10_000);
  t.is(written.length, 0);
  now = { ...described, running: [RUN], runningNow: 6 };
  record.changed();
  await runtime.advance(10_000);
  t.deepEqual(
    written.map(({ running, runningNow, used }) => [running.length, runningNow, used]),
    [[1, 6, { cpu: 200 }]],
  );
  record.close();
});
