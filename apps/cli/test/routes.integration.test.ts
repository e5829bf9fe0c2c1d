import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Teardown } from '@drover/testing';
import test, { type ExecutionContext } from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents, drover, testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

const HANDLERS = `export default {
  fail: () => { throw new TypeError('no such file'); },
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

/** A cluster with an API at each scheduler, and handlers one of which fails. */
async function cluster(t: Teardown) {
  const handlers = join(await testFolder(t), 'handlers.mjs');
  await writeFile(handlers, HANDLERS);
  const { zk, run, here } = await clusterHere(t, { handlers, schedulers: 2, api: true });
  // An API begins after its scheduler takes part.
  let url: string | undefined;
  while (url === undefined) {
    const [status] = documents((await here('status', '--json')).stdout) as { leader: { api?: string } | null }[];
    url = status?.leader?.api;
  }
  return { zk, run, here, url };
}

/** Runs a command that is to end well. */
async function works(
  t: ExecutionContext,
  run: (...args: string[]) => Promise<Ended>,
  ...args: string[]
): Promise<Ended> {
  const ended = await run(...args);
  t.is(ended.code, 0, `${args.join(' ')}: ${ended.stderr}`);
  return ended;
}

const SETTINGS = [
  ['limit', 'set', 'stripe', '--concurrency', '3'],
  ['limit', 'hold', 'stripe', '10m', '--reason', '429'],
  ['account', 'set', 'search', '--weight', '3', '--guarantee', 'cpu=4,memory=8GiB', '--limit', 'cpu=8,memory=8GiB'],
  ['account', 'set', 'search', '--lend', 'false', '--reason', 'budget'],
  ['pool', 'set', 'default', '--policy', 'pack', '--template', 'cpu=8,slots=8', '--label', 'zone=a', '--max', '4'],
  ['resource', 'set', 'licence.x', '2.5'],
  ['schedule', 'set', 'nightly', '--cron', '30 2 * * *', '--tz', 'UTC', '--type', 'echo'],
  ['schedule', 'pause', 'nightly', '--reason', 'migration'],
  ['pause', 'images', '--reason', 'provider down'],
  ['queue', 'images', '--weight', '3'],
  ['drain', 'w1', '--reason', 'new disk'],
  ['drain', 'w1', '--off'],
];

test('every reading command says the same by ZooKeeper and by the API', async (t) => {
  const { run, here, url } = await cluster(t);
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+/);
  const [failed = {}] = documents(
    (await here('submit', 'fail', '--queue', 'mail', '--max-attempts', '1', '--payload', '{"n":1}', '--wait', '--json'))
      .stdout,
  );
  const input = Array.from({ length: 250 }, (_, n) => `{"type":"echo","payload":${n}}`).join('\n');
  t.is((await run(['submit', '--from', '-', '--wait'], input)).code, 0);
  const [waiting = {}] = documents((await here('submit', 'nosuch', '--queue', 'images', '--json')).stdout);
  for (const command of SETTINGS) await works(t, here, ...command);

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
    ['account', 'ls'],
    ['pool', 'ls'],
    ['resource', 'ls'],
    ['accounts'],
    ['dead', 'ls'],
    ['dead', 'show', String(failed.id)],
  ];
  for (const command of commands) {
    const by = async (via: string): Promise<Record<string, unknown>[]> =>
      documents((await works(t, here, ...command, '--json', '--via', via)).stdout);
    // Compared while nothing changes: counts are written a moment after tasks have ended.
    for (let isStill = false; !isStill;) {
      const [before, api, after] = [await by('zk'), await by('api'), await by('zk')];
      isStill = JSON.stringify(settled(before)) === JSON.stringify(settled(after));
      if (!isStill) continue;
      t.deepEqual(settled(api), settled(after), command.join(' '));
      t.true(api.length > 0 && api.every(({ via }) => via === 'api') && after.every(({ via }) => via === 'zk'));
    }
  }

  // Only the memory of the leader has this.
  const top = await works(t, here, 'top', '--once');
  t.regex(top.stdout, /leader \S+ \(epoch 1/);
  t.regex(top.stdout, /^images +1 +0 .*paused by/m);
  t.like(documents((await works(t, here, 'failures', '--json')).stdout)[0], {
    task: failed.id,
    type: 'fail',
    error: { name: 'TypeError' },
  });
  t.regex((await works(t, here, 'failures', '--group')).stdout, /^ +1 .*fail +TypeError: no such file/m);
  t.is((await works(t, here, 'failures', 'queue:nothing')).stdout, 'no failures\n');

  const [report] = documents((await here('doctor', '--json')).stdout) as {
    findings: { code: string; result: string }[];
  }[];
  const of = (result: string): string[] =>
    report?.findings.filter((each) => each.result === result).map(({ code }) => code) ?? [];
  t.deepEqual(of('fail'), ['unserved-types']);
  t.true(of('warn').includes('paused-queues'), of('warn').join());
  for (const code of ['open-api', 'probes', 'api', 'takeovers', 'metrics']) t.true(of('ok').includes(code), code);

  const wrong = await here('resign', 'nobody', '--yes');
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /no scheduler named 'nobody'/);
  t.regex(
    (await works(t, here, 'resign', '--yes', '--reason', 'test')).stdout,
    /^scheduler \S+ hands over its term of epoch 1$/m,
  );
});

test('the API alone is enough to submit, to change and to look', async (t) => {
  const { url } = await cluster(t);
  const env = { XDG_CONFIG_HOME: await testFolder(t), DROVER_API: url };
  const byApi = (...args: string[]): Promise<Ended> => runHere(args, env);
  const failing = ['submit', 'fail', '--max-attempts', '1', '--queue', 'mail', '--wait', '--json'];
  const ended = await byApi(...failing);
  t.is(ended.code, 1, ended.stderr);
  const [failed = {}] = documents(ended.stdout);
  t.like(failed, { state: 'failed', attempt: 1, worker: 'w1', error: { name: 'TypeError', message: 'no such file' } });
  const input = Array.from({ length: 300 }, (_, n) => `{"type":"echo","payload":${n}}`).join('\n');
  const many = await runHere(['submit', '--from', '-', '--json', '--wait'], env, input);
  t.is(many.code, 0, many.stderr);
  t.is(new Set(documents(many.stdout).map(({ id }) => id)).size, 300);
  t.is(
    documents(many.stdout).reduce((sum, { result }) => sum + Number(result), 0),
    (299 * 300) / 2,
  );
  const bad = await runHere(['submit', '--from', '-', '--keep-going'], env, '{"type":"echo"}\n{"nonsense":1}\n');
  t.is(bad.code, 2, bad.stderr);
  for (const command of SETTINGS) await works(t, byApi, ...command);
  t.like(documents((await works(t, byApi, 'queue', 'images', '--json')).stdout)[0], {
    weight: 3,
    paused: true,
    pausedBy: { reason: 'provider down' },
  });
  t.like(documents((await works(t, byApi, 'schedule', 'get', 'nightly', '--json')).stdout)[0], {
    paused: { reason: 'migration' },
  });
  await works(t, byApi, 'schedule', 'rm', 'nightly');
  t.is((await byApi('schedule', 'get', 'nightly')).code, 2);
  await works(t, byApi, 'limit', 'rm', 'stripe');

  const [waiting = {}] = documents((await works(t, byApi, 'submit', 'nosuch', '--json')).stdout);
  await works(t, byApi, 'cancel', String(waiting.id), '--reason', 'wrong input');
  const again = await byApi('cancel', String(waiting.id));
  t.is(again.code, 1);
  t.regex(again.stdout + again.stderr, /not cancelled/);

  const dry = await works(t, byApi, 'retry', 'queue:mail', '--dry-run');
  t.regex(dry.stderr, /^1 task in queue mail \(fail 1\)$/m);
  const retried = await works(t, byApi, 'retry', 'queue:mail', '--reason', 'again', '--yes', '--rate', 'unlimited');
  t.is(retried.stdout, '1 of 1 task retried\n');
});

/** Ids become their number, so that the answers to the same commands about other tasks are the same text. */
function withoutIds(texts: readonly string[]): string[] {
  const ids: string[] = [];
  const numberOf = (id: string): string => {
    if (!ids.includes(id)) ids.push(id);
    return `#${ids.indexOf(id)}`;
  };
  return texts.map((text) => text.replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, numberOf));
}

test('every changing command answers the same by ZooKeeper and by the API', async (t) => {
  const { zk, here, url } = await cluster(t);
  const folder = await testFolder(t);
  const file = join(folder, 'schedules.yaml');
  await writeFile(file, SCHEDULES);
  const wrong = join(folder, 'wrong.yaml');
  await writeFile(wrong, SCHEDULES.replace('holidays', 'nosuch'));

  const all = async (via: string): Promise<string[]> => {
    const texts: string[] = [];
    const env = via === 'zk' ? { DROVER_ZK: zk } : { XDG_CONFIG_HOME: folder, DROVER_API: url };
    const says = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runHere(args, env);
      texts.push(`${args.filter((each) => !each.startsWith('/')).join(' ')}: ${code} ${stdout} ${stderr}`);
      return stdout;
    };
    const deadIn = async (queue: string, count: number): Promise<void> => {
      // The leader hears of a report a moment after whoever waits for the result.
      while (documents((await here('dead', 'ls', `queue:${queue}`, '--json', '--via', 'api')).stdout).length !== count);
    };
    await says('calendar', 'set', 'holidays', '--dates', '2026-12-25,2026-12-26', '--json');
    await says('calendar', 'set', 'holidays', '--dates', '2026-13-25');
    await says('schedule', 'apply', '-f', wrong);
    await says('schedule', 'apply', '-f', file, '--dry-run', '--json');
    await says('schedule', 'ls', '--json');
    await says('schedule', 'apply', '-f', file, '--json', '--reason', 'new');
    await says('schedule', 'apply', '-f', file, '--dry-run', '--prune', '--label', 'app=x', '--json');
    await says('schedule', 'set', 'third', '--every', '1h', '--type', 'echo', '--label', 'app=x', '--json');
    await says('schedule', 'apply', '-f', file, '--dry-run', '--prune', '--label', 'app=x');
    await says('schedule', 'apply', '-f', file, '--prune', '--label', 'app=x');
    await says('schedule', 'reset', 'first', '--mark', 'now', '--reason', 'clock', '--json');
    await says('schedule', 'reset', 'nosuch', '--mark', 'now');
    await says('calendar', 'rm', 'holidays');
    await says('calendar', 'rm', 'holidays', '--force', '--json');
    await says('schedule', 'rm', 'first', '--json');
    await says('schedule', 'rm', 'second');

    const idOf = async (...args: string[]): Promise<string> =>
      String(documents(await says('submit', ...args, '--json'))[0]?.id);
    const waiting = await idOf('nosuch', '--queue', 'set');
    await says('task', 'set', waiting, '--delay', '5m', '--json', '--reason', 'later');
    await says('task', 'set', waiting, '--priority', '5', '--to-queue', 'other', '--json');
    await says('task', 'set', waiting, '--now');
    await says('task', 'set', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', '--now', '--json');
    await says('task', 'set', 'queue:other', '--at', '2026-01-01T00:00:00Z', '--yes');
    await works(t, here, 'cancel', 'queue:other', '--yes');

    const failing = ['fail', '--max-attempts', '1', '--queue', 'dead', '--wait'];
    const kept = await idOf(...failing);
    await idOf(...failing);
    await deadIn('dead', 2);
    await says('dead', 'redrive', `id:${kept}`, '--to-queue', 'again', '--yes', '--json');
    await deadIn('again', 1);
    await says('dead', 'redrive', `id:${kept}`, '--to-queue', 'again', '--yes');
    await says('dead', 'purge', 'queue:dead', '--dry-run', '--json');
    await says('dead', 'purge', 'queue:dead,again', '--yes', '--json', '--reason', 'tidy');
    await says('dead', 'purge', 'queue:dead,again', '--yes');
    await says('dead', 'ls');
    return withoutIds(texts);
  };
  const byZooKeeper = await all('zk');
  const byApi = await all('api');
  /** The API names the code of an error, too. */
  const same = (texts: readonly string[]): string[] =>
    texts.map((text) => text.replace(/"at":\d+/g, '"at":0').replace(/ \[[a-z-]+\]$/m, ''));
  t.deepEqual(same(byApi), same(byZooKeeper));
  const [purged = ''] = byApi.filter((text) => text.includes('tidy'));
  t.regex(purged, /"found":2,"purged":2,"refused":\[\]/);
});

const SCHEDULES = `name: first
when: { cron: '30 2 * * *', tz: UTC, except: [{ calendar: holidays }] }
run: { type: echo }
labels: { app: x }
---
name: second
when: { every: 1h }
run: { type: echo, queue: mail }
labels: { app: x }
`;

test('events say what is wrong at once', async (t) => {
  const zk = ['--zk', '127.0.0.1:1'];
  const wrong = await runHere(['events', '--topics', 'failurs', ...zk]);
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /unknown topic 'failurs'; did you mean 'failures'\?/);
  t.is((await runHere(['events', '--from', 'yesterday', ...zk])).code, 2);
  t.is((await drover(['events', '--api', 'http://127.0.0.1:1'])).code, 3);
});
