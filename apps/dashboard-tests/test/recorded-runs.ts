import { any, flow, type Plan, type RunSummary, type RunView, type StepView } from '@drover/flow';
import type { Page } from 'playwright-core';

/** Answers of the API about runs, for pages whose look is tested: a real cluster would take minutes to have such runs. */
export interface Recorded {
  readonly run: RunView;
  readonly plan: Plan;
}

const STARTED = Date.UTC(2026, 10, 28, 2, 30);
const task = (n: number): string => `01KAYV9Q3M8R5T7W2X4Z6B8D0F.${n}`;

const step = (given: Partial<StepView> = {}): StepView => ({
  ...{ kind: 'task', state: 'succeeded', done: 1, of: 1, failed: 0, generation: 0, tasks: [] },
  ...given,
});

function recorded(
  plan: Plan,
  id: string,
  steps: Readonly<Record<string, StepView>>,
  more: Partial<RunView> = {},
): Recorded {
  const run: RunView = {
    ...{ run: id, flow: plan.name, queue: 'default', plan: '9f2c4be1a07d5513', state: 'running', steps, output: [] },
    ...{ startedAt: STARTED, endedAt: null },
    ...more,
  };
  return { run, plan };
}

/** A nightly run whose totals were odd: somebody has to say whether they are published. */
export function asking(): Recorded {
  const { plan } = flow<{ day: string }>('nightly', (f) => {
    const list = f.step('list', 'list-files', { day: f.input.day });
    const parsed = f.map('parse', 'parse-file', list.items, { maxAttempts: 5, tolerate: '1%', concurrency: 50 });
    const total = f.reduce('merge', 'merge-counts', parsed, { arity: 500 });
    const check = f.step('check', 'check', {}, { after: total, labels: ['ok', 'odd'] });
    const human = f.approve('publish?', { after: check.is('odd'), timeout: '2d', onTimeout: 'no' });
    f.step('publish', 'publish', {}, { after: any(check.is('ok'), human.yes) });
    f.step('discard', 'discard', {}, { after: human.no });
    f.step('cleanup', 'cleanup', { day: f.input.day }, { after: parsed.ended });
    f.finally('tell', 'notify', { outcome: f.outcome });
    return total.result;
  });
  const signal = { kind: 'signal', answers: ['yes', 'no'], until: STARTED + 172_800_000 } as const;
  const waits = (...names: string[]): Partial<StepView> => ({
    ...{ state: 'waiting', done: 0 },
    waitsFor: { kind: 'steps', steps: names.map((name) => ({ step: name, done: 0, of: 1 })) },
  });
  return recorded(plan, '01KAYV8NQ4Z5B6C7D8E9F0G1H2.0', {
    list: step({ tasks: [task(0)] }),
    parse: step({ kind: 'map', done: 10_000, of: 10_000, failed: 12, tasks: [task(17), task(2), task(3)] }),
    merge: step({ kind: 'reduce', done: 21, of: 21, tasks: [task(10_020)] }),
    check: step({ label: 'odd', tasks: [task(10_021)] }),
    'publish?': step({ kind: 'signal', state: 'waiting', done: 0, waitsFor: signal }),
    publish: step(waits('publish?')),
    discard: step(waits('publish?')),
    cleanup: step({ state: 'running', done: 0, tasks: [task(10_022)] }),
    tell: step(waits('publish', 'discard', 'cleanup')),
  });
}

/** A map of 100,000 items, most of which are done. */
export function bigMap(): Recorded {
  const { plan } = flow<{ bucket: string }>('thumbnails', (f) => {
    const list = f.step('list', 'list-files', { bucket: f.input.bucket });
    const made = f.map('resize', 'resize', list.items, { concurrency: 500, tolerate: '1%' });
    const index = f.reduce('index', 'write-index', made, { arity: 1_000 });
    f.step('announce', 'announce', {}, { after: index });
  });
  const waits = (name: string, done: number, of: number | null): Partial<StepView> => ({
    ...{ state: 'waiting', done: 0 },
    waitsFor: { kind: 'steps', steps: [{ step: name, done, of }] },
  });
  return recorded(plan, '01KAYV8NQ4Z5B6C7D8E9F0G1H3.0', {
    list: step({ tasks: [task(0)] }),
    resize: step({
      ...{ kind: 'map', state: 'running', done: 81_204, of: 100_000, failed: 37 },
      tasks: Array.from({ length: 10 }, (_, item) => task(1 + 997 * item)),
    }),
    index: step({ ...waits('resize', 81_204, 100_000), kind: 'reduce', of: 101 }),
    announce: step(waits('index', 0, 101)),
  });
}

/** 300 steps: 30 regions, each with a chain of 9 and a branch, and their sum. Some have failed, some run. */
export function manySteps(): Recorded {
  const { plan } = flow('regions', (f) => {
    const begin = f.step('begin', 'begin', {});
    const ends = Array.from({ length: 29 }, (_, region) => {
      let before = begin;
      for (let at = 0; at < 9; at++) before = f.step(`r${region}-${at}`, 'work', {}, { after: before });
      return f.step(`r${region}-end`, 'work', {}, { after: before.ended });
    });
    f.step('sum', 'sum', {}, { after: ends.map((end) => end.ended) });
    for (let at = 0; at < 8; at++) f.step(`extra-${at}`, 'work', {}, { after: begin });
  });
  const steps = Object.keys(plan.steps).map((name, at): [string, StepView] => {
    const [, region = '0', place = '0'] = /^r(\d+)-(\d+|end)$/.exec(name) ?? [];
    const reached = 3 + (Number(region) % 6);
    const n = place === 'end' ? 9 : Number(place);
    if (name === 'sum') return [name, step({ state: 'waiting', done: 0 })];
    if (n < reached) return [name, step({ tasks: [task(at)] })];
    if (n > reached) return [name, step({ state: 'waiting', done: 0 })];
    if (Number(region) === 4)
      return [name, step({ state: 'failed', failed: 1, reason: 'the region does not answer', tasks: [task(at)] })];
    return [name, step({ state: 'running', done: 0, tasks: [task(at)] })];
  });
  return recorded(plan, '01KAYV8NQ4Z5B6C7D8E9F0G1H4.0', Object.fromEntries(steps));
}

/** From now on the page is told these runs; everything else is answered by the server. */
export async function record(page: Page, runs: readonly Recorded[]): Promise<void> {
  const items: RunSummary[] = runs.map(({ run: { run, flow: name, queue, state, reason, startedAt, endedAt } }) => ({
    ...{ run, flow: name, queue, state, startedAt, endedAt },
    ...(reason === undefined ? {} : { reason }),
  }));
  await page.route(/\/v1\/flows(\?|$)/, (route) =>
    route.fulfill({ json: { items, next: null, counts: countsOf(items) } }),
  );
  await page.route(/\/v1\/tasks\/01KAYV9Q/, (route) => route.fulfill({ json: taskOf(route.request().url()) }));
  await page.route(/\/steps\/[^/]+\/tasks/, (route) => route.fulfill({ json: stepTasks(runs, route.request().url()) }));
  for (const { run, plan } of runs) {
    await page.route(new RegExp(`/v1/flows/${run.run}$`), (route) => route.fulfill({ json: run }));
    await page.route(new RegExp(`/v1/flows/${run.run}/plan$`), (route) => route.fulfill({ json: plan }));
  }
}

function stepTasks(runs: readonly Recorded[], url: string): unknown {
  const [, id, name] = /flows\/([^/]+)\/steps\/([^/]+)\//.exec(url) ?? [];
  const tasks = runs.find(({ run }) => run.run === id)?.run.steps[decodeURIComponent(name ?? '')]?.tasks ?? [];
  const row = {
    type: 'parse-file',
    queue: 'default',
    state: 'failed',
    attempt: 5,
    maxAttempts: 5,
    submittedAt: STARTED,
  };
  return {
    items: tasks.map((task, index) => ({ ...row, id: task, index })),
    next: null,
    revision: null,
    complete: true,
  };
}

const taskOf = (url: string): unknown => ({
  ...{ id: url.replace(/^.*\//, ''), type: 'parse-file', state: 'succeeded', history: [] },
  ...{ startedAt: STARTED + 60_000, finishedAt: STARTED + 64_000 },
});

function countsOf(items: readonly RunSummary[]): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const { flow: name, state } of items) {
    const of = (counts[name] ??= { waiting: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 });
    of[state] = (of[state] ?? 0) + 1;
  }
  return counts;
}
