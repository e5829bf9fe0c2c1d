import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeadTask, Drover, RedriveReply } from '@drover/client';
import test from 'ava';
import { runHere } from '../run-here.js';
import { leaderOf, startsByTask, world } from './world.js';

const TASKS = 500;
const SHORT = ['--session-timeout', '2s'];

async function deadOf(drover: Drover, filter = ''): Promise<DeadTask[]> {
  const all: DeadTask[] = [];
  for await (const task of drover.dead.list({ filter, limit: Infinity })) all.push(task);
  return all;
}

test('500 dead letters are redriven at a rate, the leader is killed in the middle, and each runs again once', async (t) => {
  const { cluster, drover } = await world(t);
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, ...SHORT));
  const leader = await leaderOf(schedulers);
  cluster.worker('w1', '--concurrency', '8', ...SHORT);
  const inputs = Array.from({ length: TASKS }, (_, n) => ({ type: 'mendable', payload: { n } }));
  const ended: string[] = [];
  for await (const { state } of drover.run(inputs, { queue: 'mail', maxAttempts: 1 })) ended.push(state);
  t.deepEqual([...new Set(ended)], ['failed']);
  const dead = await deadOf(drover, 'queue:mail error:provider');
  t.is(dead.length, TASKS);
  for (const { error, attempts, diedAt, submittedAt } of dead) {
    t.like(error, { name: 'TypeError', message: 'the provider is down' });
    t.is(attempts, 1);
    t.true(diedAt >= submittedAt);
  }
  t.deepEqual(await drover.dead.redrive({ filter: 'queue:mail', dryRun: true }), {
    found: TASKS,
    redriven: 0,
    refused: [],
  });
  t.is((await deadOf(drover)).length, TASKS, 'a dry run changes nothing');

  await writeFile(join(cluster.folder, 'mended'), '');
  const progress: number[] = [];
  const onProgress = ({ redriven }: RedriveReply): void => {
    progress.push(redriven);
    if (redriven === 200) leader.signal('SIGKILL');
  };
  // It may break off: whoever asked does it again.
  const first = await drover.dead
    .redrive({ filter: 'queue:mail', rate: '100/1s', onProgress })
    .catch((error: unknown) => error);
  t.deepEqual(progress.slice(0, 2), [100, 200], JSON.stringify(first));
  await leaderOf(schedulers.filter((scheduler) => scheduler !== leader));
  const again = await drover.dead.redrive({ filter: 'queue:mail' });
  t.true(again.found <= TASKS - 200);
  const results = await Promise.all(dead.map(({ id }) => drover.task(id).result()));
  t.deepEqual(
    (results as number[]).sort((a, b) => a - b),
    Array.from({ length: TASKS }, (_, n) => n),
  );
  t.is((await deadOf(drover)).length, 0);
  const starts = startsByTask(await cluster.effects());
  t.true(
    [...starts.values()].every((effects) => effects.length === 2),
    'each ran once before, and once again',
  );
});

test('drover dead lists, shows and redrives, and refuses wrong input before anything is done', async (t) => {
  const { cluster, drover } = await world(t);
  const here = (...args: string[]) => runHere(['dead', ...args], { DROVER_ZK: cluster.zk });
  await cluster.scheduler('s1').event('term.began');
  await cluster.worker('w1').event('worker.registered');
  t.regex((await here('ls')).stdout, /^no dead letters match$/m);
  const tasks = await Promise.all([1, 2, 3].map((n) => drover.submit('mendable', { n }, { maxAttempts: 1 })));
  for (const task of tasks) await t.throwsAsync(task.result(), { message: /provider is down/ });
  const ok = await drover.submit('work', { n: 4, ms: 0 });
  await ok.result();

  const listed = await here('ls', 'error:provider', '--json');
  const lines = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DeadTask);
  t.deepEqual(lines.map(({ id }) => id).sort(), tasks.map(({ id }) => id).sort());
  t.like(lines[0], { state: 'failed', attempts: 1, error: { name: 'TypeError' } });
  t.is(typeof lines[0]?.diedAt, 'number');
  t.regex((await here('ls', '--limit', '2')).stderr, /^showing 2; next page: --after /);
  t.regex((await here('show', tasks[0]?.id ?? '')).stdout, /Payload +\{\s+"n": 1/);
  const notDead = await here('show', ok.id);
  t.is(notDead.code, 1);
  t.regex(notDead.stderr, /is no dead letter, it is succeeded/);

  const wrong: [args: string[], message: RegExp][] = [
    [[], /action/],
    [['bury'], /ls.*show.*redrive/s],
    [['show'], /expected one task id/],
    [['ls', '--rate', '1/s'], /--rate: only 'drover dead redrive' has this option/],
    [['redrive', '--after', ok.id], /--after: only 'drover dead ls' has this option/],
    [['redrive', '--rate', 'fast', '--yes'], /--rate: expected a number from 1 to 1,000,000 and a time/],
    [['redrive', '--limit', '0', '--yes'], /--limit: expected a whole number above 0, got '0'/],
    [['redrive', 'quue:mail', '--yes'], /filter 'quue:mail'/],
    [['purge', '--yes'], /missing argument: a filter/],
    [['purge', 'queue:x', '--rate', '1/s'], /--rate: only 'drover dead redrive' has this option/],
    [['ls', '--dry-run'], /--dry-run: only 'drover dead redrive' and 'drover dead purge' have this option/],
    [['redrive'], /3 dead letters would be redriven; nothing was done: repeat the command with --yes/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await here(...args);
    t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    t.regex(stderr, message);
  }
  t.regex((await here('redrive', '--dry-run')).stdout, /^3 dead letters would be redriven; nothing was done$/m);
  const lost = await drover.submit('mendable', { n: 9 }, { maxAttempts: 1, queue: 'lost' });
  await t.throwsAsync(lost.result());
  const purged = await here('purge', 'queue:lost', '--yes', '--reason', 'customer is gone', '--json');
  t.deepEqual(JSON.parse(purged.stdout), { found: 1, purged: 1, refused: [] });
  t.regex((await here('show', lost.id)).stderr, /no task|not found|does not exist/i);
  await writeFile(join(cluster.folder, 'mended'), '');
  const done = await here('redrive', '--limit', '2', '--rate', '1/10ms', '--yes', '--reason', 'mended', '--by', 'ada');
  t.is(done.code, 0, done.stderr);
  t.regex(done.stdout, /^2 of 2 dead letters redriven$/m);
  const last = await here('redrive', '--yes', '--json');
  t.deepEqual(JSON.parse(last.stdout), { found: 1, redriven: 1, refused: [] });
  for (const { id } of tasks) t.is(typeof (await drover.task(id).result()), 'number');
  t.regex((await here('redrive', '--yes')).stdout, /^no dead letters match$/m);
});

test('a queue keeps its tasks for a time of its own, and wrong numbers are refused', async (t) => {
  const { cluster } = await world(t);
  const here = (...args: string[]) => runHere(['queue', 'mail', ...args], { DROVER_ZK: cluster.zk });
  await cluster.scheduler('s1').event('term.began');
  for (const [args, message] of [
    [
      ['--retain-age', 'soon'],
      /--retain-age: expected a time such as 12h or 7d, at most ten years, or 'default', got 'soon'/,
    ],
    [['--retain-dead', '11 years'], /--retain-dead: expected a time/],
    [['--retain-tasks=-1'], /--retain-tasks: expected a whole number from 0, or 'default', got '-1'/],
    [['--retain-dead-tasks', '1.5'], /--retain-dead-tasks: expected a whole number/],
  ] as const) {
    const { code, stderr } = await here(...args);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  }
  const set = await here('--retain-age', '1d', '--retain-dead', '90d', '--json');
  t.is(set.code, 0, set.stderr);
  const nothing = { retainTasks: null, retainDeadTasks: null };
  t.like(JSON.parse(set.stdout), { name: 'mail', retainAge: 86_400_000, retainDead: 90 * 86_400_000, ...nothing });
  const reset = await here('--retain-age', 'default', '--json');
  t.like(JSON.parse(reset.stdout), { retainAge: null, retainDead: 90 * 86_400_000, ...nothing });
});
