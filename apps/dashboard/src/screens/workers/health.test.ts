import test from 'ava';
import type { FailureEntry, Worker } from '../../data/types.js';
import { byHealth, fleetOf, healthOf } from './health.js';

const worker = (name: string, more: Partial<Worker> = {}): Worker => ({
  id: `${name}-1`,
  name,
  host: 'h',
  pid: 1,
  version: '1.0.0',
  startedAt: 0,
  state: 'accepting',
  capacity: 4,
  weight: 1,
  out: 1,
  running: 1,
  types: ['echo'],
  labels: {},
  tasks: [],
  asOf: 0,
  ...more,
});
const failure = (of: string): FailureEntry => ({
  task: 't',
  attempt: 1,
  type: 'echo',
  queue: 'default',
  worker: of,
  at: 0,
  error: { name: 'Error', message: 'no' },
  final: true,
});
const failures = (of: string, n: number): FailureEntry[] => Array.from({ length: n }, () => failure(of));

test('a worker with far more failures than its share fails more than others', (t) => {
  const workers = [worker('a'), worker('b'), worker('c')];
  const fleet = fleetOf(workers, [...failures('a', 20), ...failures('b', 1)]);
  t.is(healthOf(workers[0]!, fleet).word, 'fails more');
  t.is(healthOf(workers[1]!, fleet).word, 'working');
});

test('the only worker has all failures and is not blamed for them', (t) => {
  t.is(healthOf(worker('a'), fleetOf([worker('a')], failures('a', 50))).word, 'working');
});

test('who drains a worker and why is said', (t) => {
  const draining = worker('a', { state: 'draining', out: 2, drainedBy: { by: 'ada', reason: 'new disk', at: 1 } });
  t.is(healthOf(draining, fleetOf([draining], [])).text, 'it gets no more tasks, asked by ada: new disk; 2 left on it');
});

test('those that are not well come first', (t) => {
  const workers = [
    worker('idle', { out: 0 }),
    worker('old', { version: '0.9.0' }),
    worker('full', { out: 4 }),
    worker('drains', { state: 'draining' }),
    worker('works'),
  ];
  const names = byHealth(workers, fleetOf(workers, [])).map((row) => row.worker.name);
  t.deepEqual(names, ['drains', 'old', 'full', 'works', 'idle']);
});
