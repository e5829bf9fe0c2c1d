import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { devCluster } from './dev-cluster.js';
import { documents, drover, testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

const HANDLERS = `export default {
  fail: () => { throw new TypeError('no such file'); },
  noisy: (_, ctx) => { ctx.log('first line'); throw new RangeError('out of range'); },
};`;

/** Fields that say who answered and when: all else is the same. */
const OF_THE_MOMENT = new Set(['via', 'at', 'ageMs', 'asOf', 'etaMs', 'perSecond', 'nextAt']);

function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (OF_THE_MOMENT.has(name) ? [] : [[name, settled(inner)]])),
  );
}

test('ZooKeeper and the API say the same, and the API alone is enough', async (t) => {
  const folder = await testFolder(t);
  const handlers = join(folder, 'handlers.mjs');
  await writeFile(handlers, HANDLERS);
  const { dev, here } = await devCluster(t, ['--handlers', handlers, '--schedulers', '2', '--workers', '1']);
  const [status] = documents((await here('status', '--json')).stdout) as {
    leader: { id: string; api: string };
    schedulers: { id: string; api: string }[];
  }[];
  const url = status?.leader.api ?? '';
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+/);
  const env = { XDG_CONFIG_HOME: folder };
  const byApi = (...args: string[]): Promise<Ended> => runHere([...args, '--api', url], env);

  // Everything below is made by the API alone.
  const submitted = await byApi(
    'submit',
    'fail',
    '--queue',
    'mail',
    '--max-attempts',
    '1',
    '--payload',
    '{"n":1}',
    '--wait',
    '--json',
  );
  t.is(submitted.code, 1, submitted.stderr);
  const [failed = {}] = documents(submitted.stdout);
  t.like(failed, { state: 'failed', error: { name: 'TypeError', message: 'no such file' } });
  const many = await runHere(
    ['submit', '--from', '-', '--json', '--api', url],
    env,
    Array.from({ length: 300 }, (_, n) => `{"type":"echo","payload":${n}}`).join('\n'),
  );
  t.is(many.code, 0, many.stderr);
  t.is(new Set(documents(many.stdout).map(({ id }) => id)).size, 300);
  const [waiting = {}] = documents((await byApi('submit', 'nosuch', '--queue', 'images', '--json')).stdout);
  const works = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await byApi(...args);
    t.is(code, 0, `${args.join(' ')}: ${stderr}`);
  };
  await works('limit', 'set', 'stripe', '--concurrency', '3');
  await works('limit', 'hold', 'stripe', '10m', '--reason', '429');
  await works('schedule', 'set', 'nightly', '--cron', '30 2 * * *', '--tz', 'UTC', '--type', 'echo');
  await works('schedule', 'pause', 'nightly', '--reason', 'migration');
  await works('pause', 'images', '--reason', 'provider down');
  await works('queue', 'images', '--weight', '3');
  await works('drain', 'w1', '--reason', 'new disk');
  await works('drain', 'w1', '--off');

  const commands = [
    ['get', String(failed.id)],
    ['get', String(failed.id), '--payload'],
    ['get', String(waiting.id)],
    ['ls'],
    ['ls', '--limit', '7'],
    ['ls', 'state:failed'],
    ['ls', '--after', String(waiting.id), '--limit', '150'],
    ['ls', 'type:echo', '--count'],
    ['status'],
    ['workers'],
    ['queue'],
    ['why', String(waiting.id)],
    ['why', String(failed.id)],
    ['why', '--queue', 'images'],
    ['schedule', 'ls'],
    ['schedule', 'get', 'nightly'],
    ['limit', 'ls'],
    ['limit', 'get', 'stripe'],
    ['dead', 'ls'],
    ['dead', 'show', String(failed.id)],
  ];
  for (const command of commands) {
    const by = async (via: string): Promise<Ended> => {
      const ended = await runHere([...command, '--json', '--via', via], { ...env, DROVER_ZK: dev.zk });
      t.is(ended.code, 0, `${command.join(' ')} by ${via}: ${ended.stderr}`);
      return ended;
    };
    // Compared while nothing changes: counts are written a moment after tasks have ended.
    for (let isStill = false; !isStill;) {
      const [before, api, after] = [await by('zk'), await by('api'), await by('zk')].map(({ stdout }) =>
        documents(stdout),
      );
      isStill = JSON.stringify(settled(before)) === JSON.stringify(settled(after));
      if (!isStill) continue;
      t.deepEqual(settled(api), settled(after), command.join(' '));
      for (const [documents_, via] of [
        [api, 'api'],
        [after, 'zk'],
      ] as const)
        t.true(
          documents_?.every((document) => document.via === via),
          command.join(' '),
        );
    }
  }

  // Only the memory of the leader has this.
  const top = await here('top', '--once');
  t.is(top.code, 0, top.stderr);
  t.regex(top.stdout, /leader \S+ \(epoch 1/);
  t.regex(top.stdout, /^images +1 +0 .*paused by/m);
  const failures = documents((await here('failures', '--json')).stdout);
  t.like(failures[0], { task: failed.id, type: 'fail', error: { name: 'TypeError' } });
  t.regex((await here('failures', '--group')).stdout, /^ +1 .*fail +TypeError: no such file/m);
  t.is((await here('failures', 'queue:nothing')).stdout, 'no failures\n');

  const doctor = await here('doctor', '--json');
  const [report] = documents(doctor.stdout) as { findings: { code: string; result: string }[] }[];
  t.deepEqual(
    report?.findings.filter(({ result }) => result === 'fail').map(({ code }) => code),
    ['unserved-types'],
  );
  t.true(report?.findings.some(({ code, result }) => code === 'paused-queues' && result === 'warn'));

  const retried = await byApi('retry', 'state:failed', '--reason', 'again', '--yes', '--rate', 'unlimited');
  t.is(retried.code, 0, retried.stderr);
  t.is(retried.stdout, '1 of 1 task retried\n');

  // A leader that hands over: the other one leads, and answers.
  const resigned = await byApi('resign', '--yes', '--reason', 'test');
  t.is(resigned.code, 0, resigned.stderr);
  const wrong = await byApi('resign', 'nobody', '--yes');
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /no scheduler named 'nobody'/);
});

test('events are followed until the command is stopped, and say what is wrong at once', async (t) => {
  const { dev } = await devCluster(t, ['--schedulers', '1', '--workers', '1']);
  const wrong = await runHere(['events', '--topics', 'failurs', '--zk', dev.zk]);
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /unknown topic 'failurs'; did you mean 'failures'\?/);
  t.is((await runHere(['events', '--from', 'yesterday', '--zk', dev.zk])).code, 2);
  t.is((await drover(['events', '--api', 'http://127.0.0.1:1'])).code, 3);
});
