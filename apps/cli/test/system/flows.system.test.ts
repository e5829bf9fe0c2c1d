import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { all, any, flow, FlowEndedError, type Run, type RunView } from '@drover/client';
import { batchIds } from '@drover/core';
import { encodeFlow, flowPath, planHash, planPath } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { documents, testFolder } from '../drover.js';
import { runHere } from '../run-here.js';
import type { StepEffect } from './cluster.js';
import { leaderOf, Meeting, sharedWorld } from './world.js';

/**
 * The cases of flows share two schedulers and two workers. They run at the same time, and when each has something under way
 * the leader is killed, once for all of them.
 */
const SHORT = ['--session-timeout', '2s'];
const shared = sharedWorld(test, async ({ cluster }) => {
  const schedulers = ['s1', 's2'].map((id) => cluster.scheduler(id, ...SHORT));
  const workers = ['w1', 'w2'].map((name) => cluster.flowWorker(name, '--concurrency', '50', ...SHORT));
  await Promise.all([leaderOf(schedulers), ...workers.map((worker) => worker.event('worker.registered'))]);
});
const leaderIsKilled = new Meeting(async () => {
  const { members } = shared().cluster;
  const schedulers = members.filter(({ name }) => name.startsWith('s'));
  const leader = await leaderOf(schedulers);
  await leader.end();
  await leaderOf(schedulers.filter((scheduler) => scheduler !== leader));
});

/** Steps that wait for this file go on. */
const open = (file: string): Promise<void> => writeFile(join(shared().cluster.folder, file), '');
const command = (...args: string[]) => runHere(args, { DROVER_ZK: shared().cluster.zk });

/** `a succeeded, b skipped`: steps by their names, but for those of `without`. */
async function states(run: Run, ...without: string[]): Promise<string> {
  const { steps } = await run.tree();
  return Object.entries(steps)
    .filter(([name]) => !without.includes(name))
    .map(([name, { state }]) => `${name} ${state}`)
    .join(', ');
}

/** How the run ended: its result, or the error of the client. */
const end = (run: Run): Promise<unknown> => run.result().catch((error: unknown) => error);

/** Starts of steps of the run. */
async function starts(run: Run): Promise<StepEffect[]> {
  return (await shared().cluster.stepEffects()).filter((effect) => effect.run === run.id);
}

/** Resolves when the step has been started. */
const started = (run: Run, step: string): Promise<void> =>
  shared().cluster.stepsReach((effects) => effects.some((effect) => effect.run === run.id && effect.step === step));

async function untilState(run: Run, step: string, state: string): Promise<void> {
  while ((await run.tree()).steps[step]?.state !== state);
}

const ONCE = { maxAttempts: 1 };
interface Types {
  step: [payload: object, result: { at: string; from: { at: string } }];
}

test('case 31, diamond: the last step has the results of both branches, under the next leader', async (t) => {
  const arrive = leaderIsKilled.join(t);
  const diamond = flow<{ n: number }, unknown, Types>('diamond', (f) => {
    const a = f.step('a', 'step', { n: f.input.n, until: 'diamond' });
    const b = f.step('b', 'step', { from: a.result });
    const c = f.step('c', 'step', { from: a.result });
    return f.step('d', 'step', { left: b.result.at, right: c.result.at, first: c.result.from.at }).result;
  });
  const run = await shared().drover.start(diamond, { n: 7 });
  await started(run, 'a');
  await arrive();
  await open('diamond');
  t.deepEqual(await run.result(), { at: 'd/0', from: null });
  const ran = await starts(run);
  t.deepEqual(ran.map(({ step }) => step).sort(), ['a', 'b', 'c', 'd']);
  t.like(ran.find(({ step }) => step === 'a')?.payload, { n: 7 });
  t.deepEqual(ran.find(({ step }) => step === 'd')?.payload, { left: 'b/0', right: 'c/0', first: 'a/0' });
  const [view] = documents((await command('flow', 'get', run.id, '--json')).stdout);
  const tasks = Object.values(view?.steps as Record<string, { tasks: string[] }>).flatMap((step) => step.tasks);
  t.is(new Set(tasks).size, 4);
  for (const task of tasks)
    t.regex((await command('flow', 'tree', run.id)).stdout, new RegExp(task.replace('.', '\\.')));
});

type Builder = Parameters<Parameters<typeof flow>[1]>[0];
type Step = (name: string, payload?: object, options?: object) => ReturnType<Builder['step']>;

/** The steps that are declared, how the run ends, and how its steps do. */
const JUDGEMENTS: Readonly<Record<string, [(step: Step, f: Builder) => void, RunView['state'], string]>> = {
  'a branch and its join': [
    (step) => {
      const check = step('check', { label: 'odd' }, { labels: ['ok', 'odd'] });
      const ok = step('ok', {}, { after: check.is('ok') });
      const odd = step('odd', {}, { after: check.is('odd') });
      step('join', {}, { after: [ok, odd] });
    },
    'succeeded',
    'check succeeded, ok skipped, odd succeeded, join succeeded',
  ],
  'an edge failed of a failure': [
    (step) => {
      const a = step('a', { fails: true });
      step('mend', {}, { after: a.failed });
      step('next', {}, { after: a });
    },
    'failed',
    'a failed, mend succeeded, next skipped',
  ],
  'an edge failed of a success, and a join': [
    (step) => {
      const a = step('a');
      const mend = step('mend', {}, { after: a.failed });
      step('join', {}, { after: [a, mend] });
    },
    'succeeded',
    'a succeeded, mend skipped, join succeeded',
  ],
  'ended after a failure': [
    (step) => step('b', {}, { after: step('a', { fails: true }).ended }),
    'failed',
    'a failed, b succeeded',
  ],
  'ended after a skipped step': [
    (step) => step('c', {}, { after: step('b', {}, { after: step('a', { fails: true }) }).ended }),
    'failed',
    'a failed, b skipped, c succeeded',
  ],
  'any, and one fails': [
    (step) => step('c', {}, { after: any(step('a', { fails: true }), step('b')) }),
    'failed',
    'a failed, b succeeded, c succeeded',
  ],
  'any, and both fail': [
    (step) => step('c', {}, { after: any(step('a', { fails: true }), step('b', { fails: true })) }),
    'failed',
    'a failed, b failed, c skipped',
  ],
  'all, and one fails': [
    (step) => step('c', {}, { after: [step('a', { fails: true }), step('b')] }),
    'failed',
    'a failed, b succeeded, c skipped',
  ],
  'a label that was not given': [
    (step) => step('b', {}, { after: step('a', {}, { labels: ['odd'] }).is('odd') }),
    'succeeded',
    'a succeeded, b skipped',
  ],
  'a step that may fail': [
    (step) => step('b', {}, { after: step('a', { fails: true }, { mayFail: true }).failed }),
    'succeeded',
    'a failed, b succeeded',
  ],
  'a chain of skipped steps': [
    (step) => step('c', {}, { after: step('b', {}, { after: step('a', { fails: true }) }) }),
    'failed',
    'a failed, b skipped, c skipped',
  ],
  'a skipped step beside one that succeeded': [
    (step) => step('d', {}, { after: [step('b', {}, { after: step('a', { fails: true }) }), step('c')] }),
    'failed',
    'a failed, b skipped, c succeeded, d succeeded',
  ],
  'a step that skips itself': [
    (step) => step('b', {}, { after: step('a', { skips: true }) }),
    'succeeded',
    'a skipped, b skipped',
  ],
  'any of all': [
    (step) => step('d', {}, { after: any(all(step('a', { fails: true }), step('b')), step('c')) }),
    'failed',
    'a failed, b succeeded, c succeeded, d succeeded',
  ],
  'all of any': [
    (step) => step('d', {}, { after: [any(step('a', { fails: true }), step('b')), step('c', { fails: true })] }),
    'failed',
    'a failed, b succeeded, c failed, d skipped',
  ],
  'a label, or the answer of a person who was not asked': [
    (step, f) => {
      const check = step('check', { label: 'ok' }, { labels: ['ok', 'odd'] });
      const human = f.approve('human', { after: check.is('odd') });
      step('publish', {}, { after: any(check.is('ok'), human.yes) });
      step('discard', {}, { after: human.no });
    },
    'succeeded',
    'check succeeded, human skipped, publish succeeded, discard skipped',
  ],
};

test('case 32, judgement table: steps start, or are skipped, as their edges say', async (t) => {
  const arrive = leaderIsKilled.join(t);
  const runs = Object.entries(JUDGEMENTS).map(async ([name, [build, state, steps]]) => {
    const declared = flow(name.replace(/[^a-z]+/g, '-'), (f) => {
      const gate = f.step('gate', 'step', { until: 'judgement' });
      build(
        (step, payload = {}, options = {}) => f.step(step, 'step', payload, { after: gate, ...ONCE, ...options }),
        f,
      );
    });
    return { name, state, steps, run: await shared().drover.start(declared) };
  });
  const under = await Promise.all(runs);
  for (const { run } of under) await started(run, 'gate');
  await arrive();
  await open('judgement');
  for (const { name, run, state, steps } of under) {
    await end(run);
    t.is(await run.state(), state, name);
    t.is(await states(run, 'gate'), steps, name);
  }
});

test('case 33, failure policies: what runs and what waits ends as the flow says, and finally runs once', async (t) => {
  const arrive = leaderIsKilled.join(t);
  const policy = (onFailure: 'continue' | 'stop' | 'cancel') =>
    flow(
      `policy-${onFailure}`,
      (f) => {
        f.step('bad', 'step', { fails: true }, ONCE);
        const slow = f.step('slow', 'step', { until: 'policies' });
        f.step('next', 'step', {}, { after: slow });
        f.finally('tell', 'step', { outcome: f.outcome });
      },
      { onFailure },
    );
  const { drover } = shared();
  const [goesOn, stops, cancels, asked] = await Promise.all(
    (['continue', 'stop', 'cancel', 'continue'] as const).map((onFailure) => drover.start(policy(onFailure))),
  );
  if (goesOn === undefined || stops === undefined || cancels === undefined || asked === undefined) return t.fail();
  const runs = [goesOn, stops, cancels, asked];
  for (const run of runs) await untilState(run, 'bad', 'failed');
  for (const run of [goesOn, stops, asked]) await started(run, 'slow');
  await arrive();
  t.is((await command('flow', 'cancel', asked.id, '--reason', 'wrong day')).code, 0);
  await t.throwsAsync(asked.result(), { name: 'FlowCancelledError', message: /wrong day/ });
  await open('policies');
  for (const run of [goesOn, stops, cancels]) await t.throwsAsync(run.result(), { name: 'FlowFailedError' });
  t.is(await states(goesOn), 'bad failed, slow succeeded, next succeeded, tell succeeded');
  t.is(await states(stops), 'bad failed, slow succeeded, next cancelled, tell succeeded');
  t.is(await states(cancels), 'bad failed, slow cancelled, next skipped, tell succeeded');
  t.is(await states(asked), 'bad failed, slow cancelled, next skipped, tell succeeded');
  for (const run of runs) {
    const told = (await starts(run)).filter(({ step }) => step === 'tell');
    t.deepEqual(
      told.map(({ payload }) => payload.outcome),
      [
        run === asked
          ? { state: 'cancelled', failed: ['bad'], reason: 'wrong day' }
          : { state: 'failed', failed: ['bad'], reason: 'step bad failed' },
      ],
    );
  }
});

test('case 34, retry: what has succeeded is kept; from a step on everything runs again, with new results', async (t) => {
  const arrive = leaderIsKilled.join(t);
  const names = Array.from({ length: 10 }, (_, n) => `s${n + 1}`);
  const chain = flow<null, unknown, Types>('chain', (f) => {
    let from: unknown = null;
    for (const name of names)
      from = f.step(name, 'step', { from, ...(name === 's7' && { mended: 'chain' }) }, ONCE).result;
    return from;
  });
  const run = await shared().drover.start(chain, null);
  await t.throwsAsync(run.result(), { name: 'FlowFailedError', message: /s7.*it fails/ });
  await arrive();
  await open('chain');
  t.is((await command('flow', 'retry', run.id)).code, 0);
  t.deepEqual(trail(await run.result()), [
    's1/0',
    's2/0',
    's3/0',
    's4/0',
    's5/0',
    's6/0',
    's7/1',
    's8/1',
    's9/1',
    's10/1',
  ]);
  t.is((await command('flow', 'retry', run.id, '--from', 's3')).code, 0);
  t.deepEqual(trail(await run.result()), ['s1/0', 's2/0', ...names.slice(2).map((name) => `${name}/2`)]);
  const ran = (await starts(run)).map(({ step, generation }) => `${step}/${generation}`);
  const expected = [...names.slice(0, 7).map((name) => `${name}/0`), ...names.slice(6).map((name) => `${name}/1`)];
  t.deepEqual(ran, [...expected, ...names.slice(2).map((name) => `${name}/2`)]);
});

/** The steps whose results are in a result, the first of them first. */
function trail(result: unknown): string[] {
  const { at, from } = result as { at: string; from: unknown };
  return [...(from === null ? [] : trail(from)), at];
}

test('case 35, bad plans: the command refuses them before it connects; one that was put there by hand fails alone', async (t) => {
  const arrive = leaderIsKilled.join(t);
  const folder = await testFolder(t);
  const task = (after: string[] = [], more: object = {}) => ({
    ...{ kind: 'task', type: 'step', input: null, ...more },
    ...(after.length > 0 && { after: { all: after.map((step) => ({ step })) } }),
  });
  const circle = {
    v: 1,
    name: 'circle',
    steps: { list: task(['merge']), parse: task(['list']), merge: task(['parse']) },
  };
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`s${n}`, task()]));
  const bad: [name: string, plan: object, message: RegExp][] = [
    ['circle', circle, /list → parse → merge → list|parse → merge → list → parse|merge → list → parse → merge/],
    ['reference', { v: 1, name: 'x', steps: { a: task([], { input: { $step: 'b', at: [] } }) } }, /refers to step 'b'/],
    [
      'label',
      { v: 1, name: 'x', steps: { a: task(), b: task([], { after: { all: [{ step: 'a', is: 'odd' }] } }) } },
      /label 'odd'; it declares none/,
    ],
    ['many', { v: 1, name: 'x', steps: many }, /1001 steps, 1000 are allowed/],
    ['large', { v: 1, name: 'x', steps: { a: task([], { input: 'x'.repeat(65 * 1024) }) } }, /\d+ bytes.*65536/],
  ];
  for (const [name, plan, message] of bad) {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(plan));
    for (const args of [
      ['check', file],
      ['start', file, '--zk', '127.0.0.1:1'],
    ]) {
      const { code, stderr } = await command('flow', ...args);
      t.is(code, 2, `${name}: ${stderr}`);
      t.regex(stderr, message);
    }
  }

  const zk = connectZooKeeper({ connect: shared().cluster.zk, runtime: systemRuntime, sessionTimeoutMs: 30_000 });
  t.teardown(() => zk.close());
  await zk.connected();
  const text = JSON.stringify(circle);
  const id = batchIds(systemRuntime.now, systemRuntime.random)();
  await zk.create(planPath(planHash(text)), text);
  const header = { name: 'circle', plan: planHash(text), count: 1, at: systemRuntime.now(), client: 'test' };
  await zk.create(flowPath(id), encodeFlow(header, ['null']));
  const run = shared().drover.flowRun(`${id}.0`);
  await t.throwsAsync(run.result(), { name: 'FlowFailedError', message: /InvalidPlan.*circle/ });
  await arrive();
  t.is(await run.state(), 'failed');
});

test('case 37, waits: early, in time, never, twice, too late, while the leader changes and a new version is started', async (t) => {
  const arrive = leaderIsKilled.join(t);
  const { drover } = shared();
  const publish = (until: string, more: object = {}, isNew = false) =>
    flow('publish', (f) => {
      const a = f.step('a', 'step', { until });
      const ok = f.approve('ok?', { after: a, ...more });
      f.step('yes', 'step', { with: ok.result }, { after: ok.yes });
      f.step('no', 'step', {}, { after: ok.no });
      if (isNew) f.step('news', 'step', {}, { after: ok.yes });
    });
  const early = await drover.start(publish('early'));
  const inTime = await drover.start(publish('waits', { timeout: '1h' }));
  const never = await drover.start(publish('waits', { timeout: '3s', onTimeout: 'no' }));
  const twice = await drover.start(publish('waits'));
  await started(early, 'a');
  await early.approve('ok?', { payload: { by: 'early' } });
  await open('waits');
  for (const run of [inTime, twice]) await untilState(run, 'ok?', 'running');
  const news = await drover.start(publish('waits', { timeout: '1h' }, true));
  await arrive();
  await open('early');
  const approved = await command('flow', 'approve', inTime.id, 'ok?', '--payload', '{"by":"Ada"}', '--by', 'Ada');
  t.is(approved.code, 0, approved.stderr);
  await twice.reject('ok?');
  const second = await t.throwsAsync(twice.approve('ok?'));
  t.regex(second.message, /answered before: 'no'|has ended|has succeeded/);
  await news.approve('ok?');
  for (const run of [early, inTime, never, twice, news]) await run.result();
  const YES = 'a succeeded, ok? succeeded, yes succeeded, no skipped';
  t.is(await states(early), YES);
  t.is(await states(inTime), YES);
  t.is(await states(news), `${YES}, news succeeded`);
  for (const run of [never, twice]) t.is(await states(run), 'a succeeded, ok? succeeded, yes skipped, no succeeded');
  for (const [run, by] of [
    [early, 'early'],
    [inTime, 'Ada'],
  ] as const)
    t.deepEqual((await starts(run)).find(({ step }) => step === 'yes')?.payload, { with: { by } });
  for (const run of [early, inTime, never, twice, news]) {
    const ran = (await starts(run)).map(({ step }) => step);
    t.is(new Set(ran).size, ran.length, 'nothing ran twice');
  }
  await t.throwsAsync(never.approve('ok?'), { instanceOf: FlowEndedError });
});
