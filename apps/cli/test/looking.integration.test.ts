import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testZooKeeper } from '@drover/testing';
import test from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents, testFolder } from './drover.js';
import { runHere } from './run-here.js';

const HANDLERS = `export default {
  evil: () => { throw new TypeError('bad \\u001b[2J\\u001b[31mred\\r\\nState      succeeded \\u202e\\u009b'); },
};`;
const CONTROLS = /(?!\n)[\p{Cc}\u202a-\u202e]/u;

test('an error message of others leaves every command escaped, and intact as JSON', async (t) => {
  const path = join(await testFolder(t), 'handlers.mjs');
  await writeFile(path, HANDLERS);
  const { here } = await clusterHere(t, { handlers: path });
  const waited = await here('submit', 'evil', '--max-attempts', '1', '--wait', '--json');
  const [{ id, error } = {}] = documents(waited.stdout) as { id: string; error: { message: string } }[];
  t.is(error?.message, 'bad \u001b[2J\u001b[31mred\r\nState      succeeded \u202e\u009b');
  for (const command of [['get', id ?? ''], ['ls'], ['ls', '--json'], ['get', id ?? '', '--json']]) {
    const { stdout, stderr } = await here(...command);
    t.notRegex(stdout + stderr, CONTROLS, command.join(' '));
    t.true(stdout.includes('\\u001b[2J\\u001b[31mred\\r'), command.join(' '));
    t.is(
      stdout.split('\n').filter((line) => line.startsWith('State ')).length,
      command[0] === 'get' && command.length === 2 ? 1 : 0,
    );
  }
});

test('tasks are listed, cancelled and retried by filter, after a count', async (t) => {
  const { here } = await clusterHere(t);
  const input = Array.from({ length: 30 }, (_, n) => `{"type":"nosuch.${n % 2}","queue":"q${n % 3}","payload":${n}}`);
  const path = join(await testFolder(t), 'tasks.ndjson');
  await writeFile(path, input.join('\n'));
  t.is((await here('submit', '--from', path)).code, 0);
  const idsOf = async (...args: string[]): Promise<string[]> =>
    documents((await here('ls', '--json', ...args)).stdout).map(({ id }) => String(id));

  t.is((await idsOf()).length, 30);
  t.is((await idsOf('type:nosuch.1')).length, 15);
  t.is((await idsOf('type:nosuch*', '-queue:q1,q2')).length, 10);
  t.deepEqual(await idsOf('--type', 'nosuch.1', '--queue', 'q0'), await idsOf('queue:q0 type:nosuch.1'));
  t.deepEqual(await idsOf('--since', '1h', '--until', '30m'), []);
  const all = await idsOf();
  t.deepEqual([...(await idsOf('--limit', '20')), ...(await idsOf('--after', all[19] ?? ''))], all);
  const some = await here('ls', '--limit', '7');
  t.is(some.stdout.split('\n').length, 9);
  t.regex(some.stderr, new RegExp(`^showing 7 of 30 tasks; next page: --after ${all[6] ?? ''}; `));
  t.regex((await here('ls', 'state:failed')).stdout, /^no tasks match$/m);

  const unsure = await here('cancel', 'queue:q0');
  t.is(unsure.code, 2);
  t.regex(unsure.stderr, /10 tasks \(10 pending\) would be cancelled; nothing was done: repeat the command with --yes/);
  t.is((await idsOf('state:cancelled')).length, 0);
  const sure = await here('cancel', 'queue:q0', '--yes', '--reason', 'wrong input', '--by', 'ada');
  t.is(sure.code, 0, sure.stderr);
  t.regex(sure.stdout, /^10 of 10 tasks cancelled$/m);
  const [cancelled] = documents((await here('ls', 'state:cancelled', '--json')).stdout);
  t.like(cancelled, {
    worker: null,
    history: [{ outcome: 'cancelled', worker: null, by: 'ada', reason: 'wrong input' }],
  });
  t.regex((await here('get', String(cancelled?.id))).stdout, /State +cancelled, by ada: wrong input/);
  const none = await here('retry', 'queue:q1', '--yes');
  t.is(none.code, 0);
  t.is(none.stderr, 'no tasks match that have failed\n');
});

test('who pauses and drains, and why, is shown; a queue that nobody knows is warned of; drain waits', async (t) => {
  const { here } = await clusterHere(t);
  await here('submit', 'nosuch', '--queue', 'mail');
  t.is((await here('pause', 'mail', '--reason', 'provider down', '--by', 'ada')).stderr, '');
  const typo = await here('pause', 'mial');
  t.is(typo.code, 0);
  t.is(typo.stderr, "no queue named 'mial' has tasks; paused anyway; did you mean 'mail'?\n");
  t.like(documents((await here('queue', 'mail', '--json')).stdout)[0], {
    paused: true,
    pausedBy: { by: 'ada', reason: 'provider down' },
  });
  t.regex((await here('queue', 'mail')).stdout, /paused by ada: provider down/);
  t.regex((await here('ls')).stdout, /queue mail is paused by ada: provider down/);

  const [task] = documents((await here('submit', 'sleep', '--payload', '{"ms":1500}', '--json')).stdout);
  const drained = await here('drain', 'w1', '--wait', '--reason', 'new disk');
  t.is(drained.code, 0, drained.stderr);
  const { state } = documents((await here('get', String(task?.id), '--json')).stdout)[0] ?? {};
  t.true(['succeeded', 'pending'].includes(String(state)), String(state));
  t.regex((await here('workers')).stdout, /w1 +draining .*drained by .*@.*: new disk/);
});

test('before the first leader the counts are unknown, and a pending task says what it waits for', async (t) => {
  const { connect } = await testZooKeeper(t);
  const zk = ['--zk', connect];
  const [task] = documents((await runHere(['submit', 'noop', '--json', ...zk])).stdout);
  t.regex((await runHere(['status', ...zk])).stdout, /Tasks +unknown: no scheduler has led here yet/);
  t.like(documents((await runHere(['status', '--json', ...zk])).stdout)[0], { leader: null, tasks: null, at: null });
  t.regex((await runHere(['get', String(task?.id), ...zk])).stdout, /State +pending, no scheduler leads/);
});

test('why says what stands in the way of a task, first in one sentence, then all of it', async (t) => {
  const { here } = await clusterHere(t);
  const [{ id } = {}] = documents((await here('submit', 'nosuch', '--json')).stdout) as { id: string }[];
  const text = await here('why', id ?? '');
  t.is(text.code, 0, text.stderr);
  t.regex(text.stdout, /^Why +none of 1 worker offers the type nosuch$/m);
  t.regex(text.stdout, /^w1-\S+ +does not offer the type +8$/m);
  const [view] = documents((await here('why', id ?? '', '--json')).stdout);
  t.like(view, {
    task: id,
    state: 'pending',
    sentence: 'none of 1 worker offers the type nosuch',
    reasons: [{ code: 'type-unserved', blocking: true, type: 'nosuch' }],
    line: { ahead: 0, exact: true },
    workers: { total: 1, eligible: 0, filtered: { type: 1 } },
  });
  t.is(
    (await here('why', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0')).code,
    (await here('get', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0')).code,
  );
  t.is((await here('why', 'nonsense')).code, 2);
});
