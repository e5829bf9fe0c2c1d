import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { clusterHere } from './cluster-here.js';
import { testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

interface Cluster {
  run: (...args: string[]) => Promise<Ended>;
  json: <T>(...args: string[]) => Promise<T>;
}

async function cluster(t: ExecutionContext): Promise<Cluster> {
  const folder = await testFolder(t);
  const handlers = join(folder, 'handlers.mjs');
  await writeFile(handlers, 'export default { seen: (payload, { fire }) => ({ payload, fire }) };');
  const { here: run } = await clusterHere(t, { handlers });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args, '--json');
    t.is(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  return { run, json };
}

test('a preview needs no server: times over a change of the clocks, and what is wrong is named', async (t) => {
  const preview = async (...args: string[]) => {
    const { stdout, stderr } = await runHere(['schedule', 'preview', ...args]);
    return stderr === '' ? stdout.trim().split('\n') : stderr;
  };
  const gap = ['--tz', 'Europe/Berlin', '--from', '2026-03-28T12:00:00Z', '--count', '3'];
  t.deepEqual(await preview('--cron', '30 2 * * *', ...gap), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:30:00Z',
    '2026-03-31T00:30:00Z',
  ]);
  t.deepEqual(
    await preview('--cron', '30 2 * * *', '--tz', 'Europe/Berlin', '--from', '2026-10-24T12:00:00Z', '--count', '3'),
    ['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z', '2026-10-27T01:30:00Z'],
  );
  const bad: [string[], RegExp][] = [
    [['--cron', '0 0 31 2 *'], /when/],
    [['--cron', '60 * * * *'], /minute/],
    [['--cron', '0 0 * * *', '--tz', 'Mars/Phobos'], /Mars\/Phobos/],
    [['--every', '500ms'], /second/],
    [['--every', '1m', '--except', '00:00-24:00'], /when/],
    [['--every', '1m', '--jitter', '10s'], /name/],
    [[], /--cron, --every/],
  ];
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await runHere(['schedule', 'preview', ...args]);
    t.is(code, 2, args.join(' '));
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});

test('what is wrong with a command is told before anything is connected', async (t) => {
  const folder = await testFolder(t);
  const file = join(folder, 'bad.ndjson');
  const line = (name: string, when: object) => JSON.stringify({ name, when, run: { type: 'x' } });
  await writeFile(file, [line('a', { every: '1h' }), line('b', { cron: '60 * * * *' })].join('\n'));
  const set = ['schedule', 'set', 'x', '--type', 'echo'];
  const hourly = [...set, '--every', '1h'];
  const backfill = ['schedule', 'backfill', 'x', '--from', '2026-01-01T00:00:00Z'];
  const plan = join(folder, 'round.json');
  const after = (step: string) => ({ kind: 'task', type: 'x', input: null, after: { all: [{ step }] } });
  await writeFile(plan, JSON.stringify({ v: 1, name: 'round', steps: { a: after('b'), b: after('a') } }));
  const schedules = join(folder, 'schedules.yaml');
  await writeFile(schedules, 'name: load\nwhen: { every: 1h }\nrun: { flow: ./gone.mjs }\n');
  const broadcast = ['schedule', 'set', 'x', '--every', '1h', '--broadcast', 'flush'];
  const bad: [string[], RegExp][] = [
    [['schedule', 'set', 'x', '--every', '1h'], /give --type, --flow or --broadcast/],
    [[...hourly, '--flow', plan], /--type and --flow: a fire starts one thing/],
    [['schedule', 'set', 'x', '--every', '1h', '--flow', join(folder, 'gone.json')], /no such file/],
    [['schedule', 'set', 'x', '--every', '1h', '--flow', plan], /a → b → a|b → a → b/],
    [['schedule', 'apply', '-f', schedules], /load: run\.flow: no such file: .*gone\.mjs/],
    [[...broadcast, '--where', 'zone'], /--where: expected a label and its value/],
    [[...broadcast, '--joiners', '90d'], /run\.joiners: .*30 days/],
    [[...broadcast, '--delay', '1s'], /delay/],
    [[...hourly, '--key', 'k'], /no option "key"; 'overlap'/],
    [[...set, '--cron', '0 0 31 2 *'], /when\.cron: /],
    [[...set, '--every', '500ms'], /when\.every: /],
    [[...set, '--at', '2020-01-01T00:00:00Z'], /when\.at: /],
    [[...hourly, '--overlap', 'both'], /overlap: expected one of skip,/],
    [[...hourly, '--catch-up', 'some'], /catchUp\.run: expected one of/],
    [[...hourly, '--catch-up-window', '1s'], /catchUp\.window: expected at least 10s/],
    [[...hourly, '--priority', 'high'], /run\.priority: /],
    [[...hourly, '--timeout', 'soon'], /run\.timeout: /],
    [[...hourly, '--spread', 'x'], /spread: /],
    [[...hourly, '--pause-after-failures', '2000'], /pauseAfterFailures: /],
    [[...hourly, '--label', 'team'], /--label: expected NAME=VALUE/],
    [[...hourly, '--if-revision', '-1'], /--if-revision: /],
    [[...hourly, '--note', 'n'.repeat(1_025)], /note: /],
    [[...hourly, '--reason', 'r'.repeat(1_025)], /reason: /],
    [[...hourly, '--except-calendar', 'off', '--overlap', 'both'], /overlap: /],
    [['schedule', 'set', 'a/b', '--type', 'x', '--every', '1h'], /name: /],
    [['schedule', 'preview', '--every', '1h', '--except-calendar', 'off', '--count', '0'], /count: /],
    [['schedule', 'preview', '--every', '1ms', '--except-calendar', 'off'], /when\.every: /],
    [['schedule', 'ls', '--label', 'x'], /--label: /],
    [['schedule', 'export', '--label', 'x'], /--label: /],
    [['schedule', 'get', 'a/b'], /name: /],
    [['schedule', 'pause', 'a/b'], /name: /],
    [['schedule', 'resume', 'a', '--by', 'b'.repeat(129)], /by: /],
    [['schedule', 'trigger', 'a', '--overlap', 'both'], /overlap: expected one of skip,/],
    [['schedule', 'rm', 'a/b'], /name: /],
    [['schedule', 'reset', 'a', '--mark', 'then'], /mark/],
    [['schedule', 'reset', 'a/b', '--mark', 'now'], /name: /],
    [['schedule', 'apply', '-f', file], /entry 2 \(b\): when.*minute/],
    [['calendar', 'set', 'off', '--dates', '2026-02-30'], /dates.*2026-02-30/],
    [['calendar', 'set', 'a/b', '--dates', '2026-02-03'], /name: /],
    [['calendar', 'rm', 'a/b'], /name: /],
    [['schedule', 'backfill', 'a/b', '--from', '2026-01-01T00:00:00Z'], /name: /],
    [['schedule', 'backfill', 'a', '--from', '2026-01-01'], /--from: expected an instant such as .*, got "2026-01-01"/],
    [[...backfill, '--to', '2025-01-01T00:00:00Z'], /--to: expected an instant after 'from', 2026-01-01T00:00:00Z/],
    [[...backfill, '--parallel', '0'], /--parallel: expected a whole number from 1 to 1000/],
    [[...backfill, '--redo', 'some'], /redo: expected one of missing, failed, all/],
    [['schedule', 'backfill', 'a', '--parallel', '2'], /missing --from/],
    [['schedule', 'backfill', 'a', '--cancel'], /--cancel is for --remove/],
  ];
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await runHere([...args, '--zk', '127.0.0.1:1']);
    t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});

test('a schedule from set to rm, on the command line', async (t) => {
  const { run, json } = await cluster(t);
  const set = ['schedule', 'set', 'tick', '--every', '1s', '--type', 'seen', '--payload', '{"a":1}'];
  t.deepEqual(await json('schedule', 'set', ...set.slice(2), '--label', 'app=x'), {
    ...{ name: 'tick', change: 'created', revision: 1 },
  });
  t.is((await run(...set, '--label', 'app=x')).stdout, 'schedule tick unchanged (revision 1)\n');
  const conflict = await run(...set, '--note', 'n', '--if-revision', '7');
  t.is(conflict.code, 1);
  t.regex(conflict.stderr, /revision 1/);
  const { task } = await json<{ task: string }>('schedule', 'trigger', 'tick', '--overlap', 'allow');
  let shown = await json<{ state: string; result?: { fire: { id: string; kind: string }; payload: unknown } }>(
    'get',
    task,
  );
  while (shown.state !== 'succeeded') shown = await json('get', task);
  t.like(shown.result, { payload: { a: 1 }, fire: { schedule: 'tick', kind: 'trigger', missed: 0 } });
  t.regex(shown.result?.fire.id ?? '', /^tick@\d{4}-.*Z#t-/);
  t.is((await run('schedule', 'pause', 'tick', '--reason', 'enough')).stdout, 'schedule tick paused\n');
  const view = await json<{ fired: number; paused: { reason: string }; next: unknown[] }>('schedule', 'get', 'tick');
  t.like(view, { paused: { reason: 'enough' }, next: [] });
  t.true(view.fired >= 1);
  t.regex((await run('schedule', 'ls')).stdout, /tick +paused +every 1 s +seen/);
  t.is((await run('schedule', 'reset', 'tick', '--mark', 'now')).stdout, 'schedule tick reset\n');
  const from = `2026-01-01T00:00:00Z`;
  const range = ['schedule', 'backfill', 'tick', '--from', from, '--to', '2026-01-01T00:00:03Z'];
  const times = ['2026-01-01T00:00:02Z', '2026-01-01T00:00:01Z', from];
  t.is((await run(...range, '--newest-first', '--dry-run')).stdout, `${times.join('\n')}\n`);
  const made = await json<{ id: string }>(...range.slice(0, 1), ...range.slice(1), '--parallel', '2', '--newest-first');
  t.like(made, { from, order: 'newest', parallel: 2, redo: 'missing' });
  let [backfill] = [await json<{ endedAt: number | null; fired: number }>('schedule', 'backfill', 'tick')];
  while (backfill.endedAt === null) backfill = await json('schedule', 'backfill', 'tick');
  t.is(backfill.fired, 3);
  t.regex(
    (await run('schedule', 'get', 'tick')).stdout,
    /Back-fill +\w+: 2026-01-01T00:00:00Z to .* 3 made, 0 left out, ended/,
  );
  const future = await run('schedule', 'backfill', 'tick', '--from', from, '--to', '2999-01-01T00:00:00Z');
  t.is(future.code, 2);
  t.regex(future.stderr, /to: expected an instant that is over/);
  t.is((await run('schedule', 'backfill', 'tick', '--remove', made.id)).code, 0);
  t.is((await run('schedule', 'backfill', 'tick')).stdout, 'no back-fills\n');
  t.is((await run('schedule', 'resume', 'tick')).code, 0);
  t.is((await run('schedule', 'rm', 'tick')).stdout, 'schedule tick removed\n');
  for (const command of ['get', 'pause', 'rm', 'trigger', 'backfill']) {
    const { code, stderr } = await run('schedule', command, 'tick');
    t.is(code, 2);
    t.regex(stderr, /no schedule named "tick"/);
  }
});

test('apply makes schedules what a file says; one bad entry of many, and nothing is written', async (t) => {
  const { run, json } = await cluster(t);
  // Answered by the leader: there is one.
  t.is((await run('calendar', 'set', 'unused', '--dates', '2090-01-01')).code, 0);
  const folder = await testFolder(t);
  const file = join(folder, 'schedules.yaml');
  const yaml = [
    'name: a',
    "when: { cron: '30 2 * * *', tz: Europe/Berlin }",
    'run: { type: seen }',
    'labels: { app: x }',
  ];
  const bad = ['---', 'name: b', "when: { cron: '0 0 31 2 *' }", 'run: { type: seen }'];
  await writeFile(file, [...yaml, ...bad].join('\n'));
  const refused = await run('schedule', 'apply', '-f', file);
  t.is(refused.code, 2);
  t.regex(refused.stderr, /entry 2 \(b\): .*when/);
  t.is((await run('schedule', 'ls')).stdout, 'no schedules\n');
  await writeFile(
    file,
    [...yaml, '---', 'name: b', 'when: { every: 1h }', 'run: { type: seen }', 'labels: { app: x }'].join('\n'),
  );
  const dry = await json<object>('schedule', 'apply', '-f', file, '--dry-run');
  t.deepEqual(dry, { created: ['a', 'b'], changed: [], unchanged: [], pruned: [] });
  t.is((await run('schedule', 'ls')).stdout, 'no schedules\n');
  t.is((await run('schedule', 'apply', '-f', file)).stdout, '+ a\n+ b\n2 created, 0 changed, 0 unchanged, 0 pruned\n');
  const exported = (await run('schedule', 'export')).stdout;
  t.is(exported.trim().split('\n').length, 2);
  await writeFile(file, exported.split('\n')[0] ?? '');
  t.deepEqual(await json('schedule', 'apply', '-f', file, '--prune', '--label', 'app=x'), {
    ...{ created: [], changed: [], unchanged: ['a'], pruned: ['b'] },
  });
  t.is((await run('schedule', 'apply', '-f', file, '--prune')).code, 2);
});

test('a calendar is set, named by a schedule, and kept while it is', async (t) => {
  const { run, json } = await cluster(t);
  t.is((await run('calendar', 'set', 'off', '--dates', '2026-02-30')).code, 2);
  t.deepEqual(await json('calendar', 'set', 'off', '--dates', '2090-01-02,2090-01-01'), {
    ...{ name: 'off', dates: ['2090-01-02', '2090-01-01'] },
  });
  t.like(await json('calendar', 'ls'), { name: 'off', dates: ['2090-01-01', '2090-01-02'] });
  const set = ['schedule', 'set', 'daily', '--cron', '0 0 * * *', '--type', 'seen', '--except-calendar'];
  t.is((await run(...set, 'nix')).code, 2);
  t.is((await run(...set, 'off')).code, 0);
  const refused = await run('calendar', 'rm', 'off');
  t.is(refused.code, 1);
  t.regex(refused.stderr, /in use by schedule daily/);
  t.is((await run('calendar', 'rm', 'off', '--force')).code, 0);
});

test('a schedule of a flow and one of a broadcast: set, shown with what they started, exported and applied', async (t) => {
  const { run, json } = await cluster(t);
  const folder = await testFolder(t);
  const step = { kind: 'task', type: 'seen', input: { $input: [] } };
  const plan = JSON.stringify({ v: 1, name: 'daily', steps: { only: step }, output: { $step: 'only', at: [] } });
  await writeFile(join(folder, 'daily.json'), plan);
  const hourly = ['--cron', '0 0 1 1 *'];
  const set = await run(
    'schedule',
    'set',
    'load',
    ...hourly,
    '--flow',
    join(folder, 'daily.json'),
    '--input',
    '{"a":1}',
  );
  t.is(set.stdout, 'schedule load created (revision 1)\n', set.stderr);
  await run('schedule', 'set', 'flush', ...hourly, '--broadcast', 'seen', '--joiners', '1m');
  const flow = await json<{ run: string }>('schedule', 'trigger', 'load');
  let shown = await json<{ state: string }>('flow', 'get', flow.run);
  while (shown.state !== 'succeeded') shown = await json('flow', 'get', flow.run);
  const broadcast = await json<{ broadcast: string }>('schedule', 'trigger', 'flush');
  t.regex(
    (await run('schedule', 'get', 'load')).stdout,
    new RegExp(`Starts +flow daily.*\\n(.*\\n)*Last .*run ${flow.run}`),
  );
  t.regex((await run('schedule', 'ls')).stdout, /flush .*broadcast seen/);
  t.is((await run('broadcasts', 'get', broadcast.broadcast)).code, 0);
  const exported = (await run('schedule', 'export')).stdout;
  await writeFile(join(folder, 'all.ndjson'), exported);
  t.regex(
    (await run('schedule', 'apply', '-f', join(folder, 'all.ndjson'))).stdout,
    /0 created, 0 changed, 2 unchanged/,
  );
  const yaml = 'name: load\nwhen: { cron: "0 0 1 1 *" }\nrun: { flow: ./daily.json, input: { a: 1 } }\n';
  await writeFile(join(folder, 'load.yaml'), yaml);
  t.regex((await run('schedule', 'apply', '-f', join(folder, 'load.yaml'))).stdout, /1 unchanged/);
});
