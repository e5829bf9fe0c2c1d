import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, ROOTS, workerAssignmentsPath, workerPath, queuePath } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { documents, testFolder } from './drover.js';
import { runHere } from './run-here.js';

interface Finding {
  code: string;
  result: string;
  text: string;
}

/** A root with records of a cluster that were written by hand: so every fault is exact, and nothing mends it. */
async function world(t: Teardown) {
  const { connect } = await testZooKeeper(t);
  // Makes the layout; the task waits for ever.
  await runHere(['submit', 'resize', '--zk', connect]);
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  const doctor = async (...args: string[]) => {
    const { code, stdout, stderr } = await runHere([
      'doctor',
      '--json',
      '--zk',
      connect,
      '--connect-timeout',
      '1m',
      ...args,
    ]);
    const [report] = documents(stdout) as unknown as { findings: Finding[]; counts: Record<string, number> }[];
    const of = (code: string): Finding[] => report?.findings.filter((finding) => finding.code === code) ?? [];
    return { code, stderr, report, of };
  };
  return { connect, zk, doctor };
}

const MEMBER = { host: 'h1', pid: 1, version: '0.2.0', startedAt: 1 };
const WORKER = {
  name: 'w1',
  ...MEMBER,
  capacity: 8,
  weight: 1,
  labels: {},
  types: ['echo'],
  state: 'accepting',
  running: [],
};

async function addLeader(zk: ZooKeeper): Promise<void> {
  await zk.create(ROOTS.leader, encodeRecord('leader', { id: 's1', host: 'h1', pid: 1, epoch: 1 }), {
    mode: 'ephemeral',
  });
}
async function addWorker(zk: ZooKeeper, more: object = {}): Promise<void> {
  await zk.create(workerPath('w1-1'), encodeRecord('worker', { ...WORKER, ...more }), { mode: 'ephemeral' });
}
const TALLY = { scheduled: 0, pending: 1, out: 0, running: 0, retrying: 0, succeeded: 0, failed: 0, cancelled: 0 };
async function addStatus(zk: ZooKeeper, more: object): Promise<void> {
  const queues = { images: { paused: false, pending: 1, out: 0, running: 0 } };
  const record = { at: Date.now(), epoch: 1, leader: 's1', tasks: TALLY, queues, unservedTypes: [], ...more };
  await zk.create(ROOTS.status, encodeRecord('status', record));
}

test('no leader and no workers are problems; what needs an API is skipped; nothing is changed', async (t) => {
  const { zk, doctor } = await world(t);
  const tree = async (): Promise<unknown[]> => {
    const paths = ['/', ...(await zk.children('/')).map((name) => `/${name}`)];
    return Promise.all(
      paths.map(async (path) => [path, String((await zk.exists(path))?.pzxid), String((await zk.exists(path))?.mzxid)]),
    );
  };
  const before = await tree();
  const { code, of, report } = await doctor('--deep');
  t.is(code, 1);
  t.like(of('no-leader')[0], { result: 'fail', text: 'no scheduler runs' });
  t.is(of('no-workers')[0]?.text, 'no worker runs');
  t.like(of('zookeeper-servers')[0], { result: 'ok' });
  t.regex(of('zookeeper-version')[0]?.text ?? '', /3\.\d+\.\d+/);
  t.is(of('session-timeout')[0]?.result, 'ok');
  t.is(of('oldest-wait')[0]?.result, 'skipped');
  t.is(of('invalid-records')[0]?.result, 'ok', of('invalid-records')[0]?.text);
  t.is(of('open-root')[0]?.result, 'note');
  t.true((report?.counts.skipped ?? 0) > 5);
  t.deepEqual(await tree(), before);
});

test('a leader that hangs is told from one that has nothing to do', async (t) => {
  const { zk, doctor } = await world(t);
  await addLeader(zk);
  await addWorker(zk);
  await addStatus(zk, { at: Date.now() - 60_000 });
  const { code, of } = await doctor();
  t.is(code, 1);
  t.like(of('leader-hangs')[0], { result: 'fail' });
  t.regex(of('leader-hangs')[0]?.text ?? '', /s1 wrote its counts .* ago, while tasks wait and workers have room/);
  // The record is a minute older, by the leader's clock, than the znode is by ZooKeeper's.
  t.regex(of('clocks')[0]?.text ?? '', /the leader's clock is .* behind ZooKeeper's/);
  await zk.delete(workerPath('w1-1'));
  await addWorker(zk, { state: 'draining' });
  t.is((await doctor()).of('leader-hangs')[0]?.result, 'ok');
});

test('unserved types and paused queues are found with who paused them', async (t) => {
  const { zk, doctor } = await world(t);
  await addLeader(zk);
  await addWorker(zk);
  const pausedBy = { by: 'ada', reason: 'provider down', at: Date.now() };
  const settings = { paused: true, pausedBy, priority: 0, weight: 1, maxRunning: null };
  await zk.create(queuePath('mail'), encodeRecord('queue', settings));
  await addStatus(zk, {
    queues: { mail: { paused: true, pausedBy, pending: 90, running: 0 } },
    unservedTypes: ['resize'],
  });
  const { of } = await doctor();
  t.like(of('unserved-types')[0], { result: 'fail', text: "'resize': no worker offers it (they offer echo)" });
  t.regex(of('paused-queues')[0]?.text ?? '', /^mail: 90 tasks wait; paused by ada: provider down/);
});

test('--deep finds records that are none, and assignments of nobody', async (t) => {
  const { zk, doctor } = await world(t);
  await zk.create(queuePath('broken'), 'nonsense');
  await zk.create(workerAssignmentsPath('w9-1'), encodeRecord('workerAssignments', { draining: false }));
  t.is((await doctor()).of('invalid-records')[0]?.result, 'skipped');
  const { of } = await doctor('--deep');
  t.like(of('invalid-records')[0], { result: 'fail' });
  t.regex(of('invalid-records')[0]?.text ?? '', /^\/queues\/broken: /);
  t.is(of('orphaned-assignments')[0]?.result, 'ok');
});

test('a session timeout that is not granted, and a secret that others may read', async (t) => {
  const { doctor } = await world(t);
  const path = join(await testFolder(t), 'auth');
  await writeFile(path, 'digest:drover:secret');
  await chmod(path, 0o644);
  const { of, code } = await doctor('--session-timeout', '10m', '--zk-auth-file', path);
  t.is(code, 1);
  t.regex(of('session-timeout')[0]?.text ?? '', /^asked for 10m 0s, got /);
  t.like(of('exposed-secrets')[0], { result: 'fail', text: `others may read ${path} (--zk-auth-file)` });
  t.like(of('open-root')[0], { result: 'fail', text: 'the root is open to everybody, although credentials are given' });
});

test('a root without Drover is a problem; without ZooKeeper the exit code is 3', async (t) => {
  const { connect } = await testZooKeeper(t);
  const empty = await runHere(['doctor', '--zk', connect, '--connect-timeout', '1m']);
  t.is(empty.code, 1);
  t.regex(empty.stdout, /FAIL {2}zookeeper-root +no Drover at .*\n +fix: /);
  const away = await runHere(['doctor', '--zk', '127.0.0.1:1', '--connect-timeout', '300ms']);
  t.is(away.code, 3);
  t.regex(away.stdout, /FAIL {2}zookeeper-servers +127\.0\.0\.1:1: .*ECONNREFUSED/);
});
