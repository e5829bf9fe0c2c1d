import type { ChildProcess } from 'node:child_process';
import test from 'ava';
import { clusterHere } from './cluster-here.js';
import { devCluster } from './dev-cluster.js';
import { documents, ended, start } from './drover.js';

test('what a user does in a day, each document as the design has it', async (t) => {
  const { dev, run } = await devCluster(t);

  const status = documents((await run(['status', '--json'])).stdout)[0]!;
  t.like(status, { leader: { epoch: 1 } });
  t.deepEqual(Object.keys(status.tasks as object), [
    ...['scheduled', 'pending', 'out', 'running', 'retrying', 'succeeded', 'failed', 'cancelled'],
  ]);
  const schedulers = status.schedulers as { id: string; pid: number; role: string }[];
  t.deepEqual(schedulers.map(({ id, pid }) => ({ id, pid })).sort(byText), [...dev.schedulers].sort(byText));
  t.deepEqual(schedulers.map(({ role }) => role).sort(), ['follower', 'leader']);
  const workers = status.workers as { name: string; pid: number }[];
  t.deepEqual(workers.map(({ name, pid }) => ({ name, pid })).sort(byText), [...dev.workers].sort(byText));
  t.like(workers[0], { out: 0, running: 0, capacity: 8, state: 'accepting' });

  const waited = await run(['submit', 'echo', '--payload', '{"n":1}', '--wait', '--json']);
  t.is(waited.code, 0);
  const [done] = documents(waited.stdout);
  t.like(done, { type: 'echo', state: 'succeeded', result: { n: 1 }, attempt: 1 });
  t.true(dev.workers.some(({ name }) => name === done!.worker));

  const id = String(done!.id);
  t.like(documents((await run(['get', id, '--json'])).stdout)[0], { id, state: 'succeeded', result: { n: 1 } });
  t.regex((await run(['get', id])).stdout, /State +succeeded/);
  t.like(documents((await run(['ls', '--state', 'succeeded', '--json'])).stdout)[0], { id });

  const failing = await run([
    'submit',
    'shell',
    '--payload',
    '{"argv":["false"]}',
    '--max-attempts',
    '1',
    '--wait',
    '--json',
  ]);
  t.is(failing.code, 1);
  const [failed] = documents(failing.stdout);
  t.like(failed, { type: 'shell', state: 'failed', attempt: 1 });
  t.is(typeof (failed!.error as { message: unknown }).message, 'string');
  t.is((await run(['retry', String(failed!.id)])).code, 0);
  const refused = await run(['cancel', id]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /not cancelled: already finished \(succeeded\)/);
});

test('2,000 tasks from stdin, each once, over both workers', async (t) => {
  const { run } = await clusterHere(t, { workers: 2 });
  const input = Array.from({ length: 2_000 }, (_, n) => `{"type":"echo","payload":${n}}`).join('\n');
  const { code, stdout } = await run(['submit', '--from', '-', '--wait', '--json'], input);
  t.is(code, 0);
  const ended = documents(stdout);
  t.is(new Set(ended.map(({ id }) => id)).size, 2_000);
  t.deepEqual(new Set(ended.map(({ result }) => result)).size, 2_000);
  t.deepEqual([...new Set(ended.map(({ worker }) => worker))].sort(), ['w1', 'w2']);
});

test('queues, drain and the types that nobody offers', async (t) => {
  const { run } = await clusterHere(t);
  t.is((await run(['pause', 'images'])).code, 0);
  const [submitted] = documents((await run(['submit', 'echo', '--queue', 'images', '--json'])).stdout);
  t.deepEqual(Object.keys(submitted!), ['id', 'type']);
  t.is((await run(['queue', 'images', '--weight', '3', '--max-running', '4'])).code, 0);
  const [queue] = documents((await run(['queue', 'images', '--json'])).stdout);
  t.like(queue, { name: 'images', paused: true, weight: 3, maxRunning: 4 });
  const id = String(submitted!.id);
  t.like(documents((await run(['get', id, '--json'])).stdout)[0], { state: 'pending', queue: 'images' });
  t.is((await run(['resume', 'images'])).code, 0);

  t.is((await run(['drain', 'w1'])).code, 0);
  t.regex((await run(['workers'])).stdout, /w1 +draining/);
  const nobody = await run(['drain', 'w3']);
  t.is(nobody.code, 2);
  t.regex(nobody.stderr, /no worker named "w3"; did you mean "w[12]"\?/);

  const [alone] = documents((await run(['submit', 'nobody:offers', '--json'])).stdout);
  t.regex((await run(['get', String(alone!.id)])).stdout, /no worker offers/);
  const [other] = documents((await run(['submit', 'nobody:offers', '--json'])).stdout);
  const both = [String(alone!.id), String(other!.id)];
  const cancelled = await run(['cancel', ...both, '--json']);
  t.is(cancelled.code, 0);
  t.deepEqual(documents(cancelled.stdout).map((reply) => reply.id), both); // prettier-ignore
  t.is((await run(['get', 'nonsense'])).code, 2);
  t.is((await run(['get', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0'])).code, 1);
});

test('Ctrl-C while waiting ends the command, and the task goes on', async (t) => {
  const { zk, run } = await clusterHere(t);
  const waiting = start(['submit', 'sleep', '--payload', '{"ms":600000}', '--wait', '--log-level', 'error'], {
    env: { DROVER_ZK: zk },
  });
  const over = ended(waiting);
  let listed: Record<string, unknown>[] = [];
  while (listed.length === 0) listed = documents((await run(['ls', '--json'])).stdout);
  waiting.kill('SIGINT');
  const { code, stderr } = await over;
  t.is(code, 130);
  const id = String(listed[0]!.id);
  t.true(stderr.startsWith(`${id} submitted\n`), stderr);
  t.true(stderr.endsWith(`drover: stopped by SIGINT; task ${id} continues; see 'drover get ${id}'\n`), stderr);
  t.false(
    ['succeeded', 'failed', 'cancelled'].includes(
      String(documents((await run(['get', id, '--json'])).stdout)[0]!.state),
    ),
  );
  t.is((await run(['cancel', id])).code, 0);
});

test('who stops waiting is told what becomes of the tasks', async (t) => {
  const { run } = await clusterHere(t);
  const one = await run(['submit', 'nobody:offers', '--wait', '--wait-timeout', '5s']);
  t.is(one.code, 1);
  const id = one.stderr.split(' ')[0]!;
  t.regex(one.stderr, new RegExp(`not finished after 5.0 s; task ${id} continues; see 'drover get ${id}'`));
  t.is(one.stdout, '');
  const input = '{"type":"nobody:offers"}\n{"type":"noop"}\n'.repeat(15);
  const many = await run(['submit', '--from', '-', '--wait', '--wait-timeout', '4s'], input);
  t.is(many.code, 1);
  // How many are finished by then depends on the machine.
  const [, finished, continuing] = /30 tasks submitted, (\d+) finished, (\d+) continue; see 'drover ls'/.exec(
    many.stderr,
  )!;
  t.is(Number(finished) + Number(continuing), 30);
  t.true(Number(continuing) >= 15);
});

test('who waits for a task that no worker offers is told so', async (t) => {
  const { zk } = await clusterHere(t);
  const waiting = start(['submit', 'nobody:offers', '--wait'], { env: { DROVER_ZK: zk } });
  const over = ended(waiting);
  await untilSaid(waiting, /waiting: no worker offers nobody:offers/);
  waiting.kill('SIGINT');
  t.is((await over).code, 130);
});

test('many tasks that wait: status, ls and submit --wait say why, by reason', async (t) => {
  const { zk, run } = await clusterHere(t);
  t.is((await run(['pause', 'slow'])).code, 0);
  const input =
    '{"type":"nosuch"}\n'.repeat(200) + '{"type":"noop","queue":"slow"}\n'.repeat(100) + '{"type":"noop"}\n';
  const reasons = 'no worker offers nosuch \\(200\\); queue slow is paused( by [^;]+)? \\(100\\)';
  const waiting = start(['submit', '--from', '-', '--wait'], { env: { DROVER_ZK: zk } });
  const over = ended(waiting);
  const told = untilSaid(waiting, new RegExp(`^300 wait: ${reasons}$`, 'm'));
  waiting.stdin?.end(input);
  await told;
  waiting.kill('SIGINT');
  t.is((await over).code, 130);
  t.regex((await run(['ls', '--limit', '10'])).stderr, new RegExp(`^300 wait: ${reasons}$`, 'm'));
  t.regex((await run(['status'])).stdout, /^Waiting +queue slow is paused \(100\)$/m);
});

test('a reader of ends that goes away: all is submitted, and the rest is not waited for', async (t) => {
  const { zk, run } = await clusterHere(t);
  const child = start(['submit', '--from', '-', '--wait', '--json'], { env: { DROVER_ZK: zk } });
  child.stdin?.end('{"type":"noop"}\n'.repeat(3_000) + '{"type":"nobody:offers"}\n'.repeat(3_000));
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await ended(child);
  t.is(code, 0, stderr);
  t.regex(stderr, /stdout was closed; 6,000 tasks submitted, /);
  t.is(documents((await run(['ls', '--limit', '10000', '--json'])).stdout).length, 6_000);
});

/** Resolves when its stderr has the text. */
function untilSaid(child: ChildProcess, text: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (text.test((stderr += chunk.toString()))) resolve();
    });
  });
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a).localeCompare(JSON.stringify(b));
}
