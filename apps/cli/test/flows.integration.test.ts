import { any, flow, type Flow } from '@drover/flow';
import { encodeFlow, flowPath, planHash, planPath } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, nullOn, type ZooKeeper } from '@drover/zookeeper';
import test, { type ExecutionContext } from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents, type Ended } from './drover.js';
import { runHere } from './run-here.js';

/** Steps that need no worker, and one of a type that nobody serves. */
const release = flow('release', (f) => {
  const human = f.approve('publish?');
  const size = f.signal<{ mb: number }>('size');
  f.step('publish', 'nobody-serves-this', {}, { after: any(human.yes) });
  f.sleep('pause', '1ms', { after: [human.no, size] });
  return { mb: size.result.mb };
});

interface Cluster {
  run: (...args: string[]) => Promise<Ended>;
  json: (...args: string[]) => Promise<Record<string, unknown>[]>;
  /** Ids of runs that wait for answers. */
  started: (id: string, count: number) => Promise<string[]>;
}

async function cluster(t: ExecutionContext): Promise<Cluster> {
  const { zk: connect, here: run } = await clusterHere(t, { workers: 0 });
  const zk = connectZooKeeper({ connect, runtime: systemRuntime, sessionTimeoutMs: 30_000 });
  t.teardown(() => zk.close());
  await zk.connected();
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, '--json');
    t.is(code, 0, `${args.join(' ')}: ${stderr}`);
    return documents(stdout);
  };
  const started = async (id: string, count: number) => {
    await write(zk, release, id, count);
    const runs = Array.from({ length: count }, (_, index) => `${id}.${index}`);
    // The leader hears of it by a watch.
    while ((await json('flow', 'ls')).length < count);
    return runs;
  };
  return { run, json, started };
}

/** Starts runs as a client does. */
async function write(zk: ZooKeeper, { plan, text }: Flow, id: string, count: number): Promise<void> {
  const hash = planHash(text);
  await nullOn(zk.create(planPath(hash), text), 'NODE_EXISTS');
  const header = { name: plan.name, plan: hash, count, at: systemRuntime.now(), client: 'test', queue: 'images' };
  await zk.create(
    flowPath(id),
    encodeFlow(
      header,
      Array.from({ length: count }, () => 'null'),
    ),
  );
}

test('runs are listed, drawn, answered, cancelled and retried', async (t) => {
  const { run, json, started } = await cluster(t);
  const [first = '', second = '', third = ''] = await started('01JD3V8R2MZ6K4Q7T9XBYC5HNA', 3);

  t.deepEqual(
    (await json('flow', 'ls')).map(({ run, flow, queue, state }) => ({ run, flow, queue, state })),
    [third, second, first].map((run) => ({ run, flow: 'release', queue: 'images', state: 'running' })),
  );
  t.deepEqual(
    (await json('flow', 'ls', '--limit', '2')).map(({ run }) => run),
    [third, second],
  );
  t.deepEqual(await json('flow', 'ls', '--queue', 'mail'), []);
  t.is((await json('flow', 'ls', '--queue', 'ima*', '--name', 'release', '--state', 'running')).length, 3);
  t.is((await run('flow', 'ls', '--name', 'other')).stdout, 'no runs\n');

  const tree = await run('flow', 'tree', first);
  t.is(tree.code, 0, tree.stderr);
  t.regex(tree.stdout, new RegExp(`^release ${first} running for `));
  t.regex(tree.stdout, /^1 +▶ publish\? +running +waits for yes or no$/m);
  t.regex(tree.stdout, /▶ size +running +waits for a signal$/m);
  t.regex(tree.stdout, /^2 +· publish +waiting +waits for publish\?$/m);
  t.regex(tree.stdout, /· pause +waiting +waits for publish\?, size$/m);
  t.regex((await run('flow', 'tree', first, '--mermaid')).stdout, /publish\?.*:::running/);

  t.is((await run('flow', 'reject', first, 'publish?', '--reason', 'too early')).stdout, `${first} rejected\n`);
  t.is((await run('flow', 'signal', first, 'size', '--payload', '{"mb":3}')).stdout, `${first} signalled\n`);
  let view: Record<string, unknown> = {};
  do [view = {}] = await json('flow', 'get', first);
  while (view.endedAt === null);
  t.like(view, { run: first, flow: 'release', state: 'succeeded', output: { mb: 3 } });
  t.like(view.steps, {
    'publish?': { state: 'succeeded', label: 'no' },
    size: { state: 'succeeded' },
    publish: { state: 'skipped' },
    pause: { state: 'succeeded' },
  });
  t.regex((await run('flow', 'get', first)).stdout, /✔ publish\? succeeded \(no\)/);

  t.is((await run('flow', 'approve', second, 'publish?')).stdout, `${second} approved\n`);
  const cancelled = await run('flow', 'cancel', second, third, '--reason', 'wrong day');
  t.is(cancelled.stdout, `${second} cancelled\n${third} cancelled\n`, cancelled.stderr);
  const over = await run('flow', 'approve', third, 'publish?');
  t.is(over.code, 1);
  t.regex(over.stderr, new RegExp(`^${third} not approved: .+`));
  while ((await json('flow', 'ls', '--state', 'cancelled')).length < 2);

  const again = await run('flow', 'retry', third);
  t.is(again.stdout, `${third} started again\n`, again.stderr);
  const gone = await run('flow', 'get', '01JD3V8R2MZ6K4Q7T9XBYC5HNB.0');
  t.not(gone.code, 0);
  t.regex(gone.stderr, /no run|no such run/);
  const wrong = await run('flow', 'approve', third, 'publish');
  t.is(wrong.code, 1);
  t.regex(wrong.stderr, /not approved: .*publish/);
});

test('what is wrong with a command is told before anything is connected', async (t) => {
  const id = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';
  const bad: [string[], RegExp][] = [
    [['get', 'seven'], /run: expected an id such as/],
    [['tree', id, '--dot', '--mermaid'], /give --mermaid or --dot/],
    [['ls', '--state', 'runing'], /--state: .* did you mean 'running'\?/],
    [['ls', '--limit', 'x'], /--limit: expected a whole number/],
    [['signal', id, 'size', '--payload', '{'], /--payload: not JSON/],
    [['cancel', id, 'seven'], /run: expected an id/],
    [['cancel'], /run/],
    [['approve', id], /step/],
    [['aprove', id, 'x'], /unknown command 'flow aprove'; did you mean 'approve'\?\nsee 'drover flow --help'/],
  ];
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await runHere(['flow', ...args]);
    t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});
