import { any, flow, type StepState, type StepView } from '@drover/flow';
import test from 'ava';
import { NO_COLORS } from '../terminal/colors.js';
import { showPlan } from './plan-picture.js';
import { showRun, waitText } from './run-picture.js';

const nightly = flow(
  'nightly',
  (f) => {
    const list = f.step('list', 'list-files', {});
    const parsed = f.map('parse', 'parse-file', list.items, { tolerate: '1%', concurrency: 50 });
    const total = f.reduce('merge', 'merge-counts', parsed, { arity: 500 });
    const check = f.step('check', 'check', {}, { after: total, labels: ['ok', 'odd'] });
    const human = f.approve('publish?', { after: check.is('odd'), timeout: '2d', onTimeout: 'no' });
    f.step('publish', 'publish', {}, { after: any(check.is('ok'), human.yes) });
    f.step('cleanup', 'cleanup', {}, { after: parsed.ended, mayFail: true });
    f.finally('tell', 'notify', {});
  },
  { deadline: '6h', maxRuns: 1 },
).plan;

const view = (state: StepState, more: Partial<StepView> = {}): StepView => ({
  ...{ kind: 'task', state, done: state === 'succeeded' ? 1 : 0, of: 1, failed: 0, generation: 0, tasks: [] },
  ...more,
});

/** With one gap between columns, however wide they are. */
const linesOf = (text: string): string[] => text.split('\n').map((line) => line.replace(/ {2,}/g, '  '));

test('a plan: a line a step by level, what it is and what it waits for', (t) => {
  t.deepEqual(linesOf(showPlan(nightly, NO_COLORS)), [
    'nightly: 8 steps, 9 edges, 7 levels, deadline 6h, 1 run at a time',
    '',
    '  STEP  KIND  WHAT  AFTER',
    '1  list  task  list-files',
    '2  parse  map  parse-file for each item of list, 50 at a time, 1% may fail  list',
    '3  merge  reduce  merge-counts over parse, 500 at a time  parse',
    '  cleanup  task  cleanup; may fail  parse ended',
    '4  check  task  check, ends as ok or odd  merge',
    '5  publish?  signal  yes or no within 2d, then no  check is odd',
    '6  publish  task  publish  any of check is ok, publish? is yes',
    '7  tell  task  notify; in any case  all others',
  ]);
});

test('a run: marks, counts, reasons, what is waited for, and the tasks', (t) => {
  const id = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B';
  const now = 1_800_000_000_000;
  const run = {
    ...{ run: `${id}.0`, flow: 'nightly', state: 'running' as const, startedAt: now - 250_000, endedAt: null },
    steps: {
      list: view('succeeded', { tasks: [`${id}.1`] }),
      parse: view('running', { kind: 'map', done: 1_412, of: 2_000, failed: 3, tasks: [`${id}.7`, `${id}.8`] }),
      merge: view('waiting', {
        ...{ kind: 'reduce', of: null },
        waitsFor: { kind: 'steps', steps: [{ step: 'parse', done: 1_412, of: 2_000 }] },
      }),
      check: view('waiting', { waitsFor: { kind: 'steps', steps: [{ step: 'merge', done: 0, of: null }] } }),
      'publish?': view('running', {
        ...{ kind: 'signal', generation: 1 },
        waitsFor: { kind: 'signal', answers: ['yes', 'no'], until: now + 3_600_000 },
      }),
      publish: view('skipped', { reason: 'upstream check failed' }),
      cleanup: view('failed', { reason: 'no such file' }),
      tell: view('cancelled', { reason: 'the run was cancelled' }),
    },
  };
  t.deepEqual(linesOf(showRun(nightly, run, NO_COLORS, { now })), [
    `nightly ${id}.0 running for 4m 10s`,
    '',
    '  STEP  STATE  DONE  NOTE  TASK',
    `1  ✔ list  succeeded  ${id}.1`,
    `2  ▶ parse  running  1,412/2,000, 3 failed  ${id}.7 … (2)`,
    '3  · merge  waiting  0/?  waits for parse (1,412/2,000)',
    '  ✘ cleanup  failed  no such file',
    '4  · check  waiting  waits for merge (0/?)',
    '5  ▶ publish?  running  waits for yes or no, its time is over in 1h 0m; started again, 2 times in all',
    '6  ↷ publish  skipped  upstream check failed',
    '7  ■ tell  cancelled  the run was cancelled',
  ]);
});

test('of a wide level those steps are shown that matter, and the others are counted', (t) => {
  const wide = flow('wide', (f) => {
    const steps = Array.from({ length: 299 }, (_, n) => f.step(`s${n}`, 'echo', {}));
    f.step('last', 'echo', {}, { after: steps });
  }).plan;
  const steps = Object.fromEntries(
    Object.keys(wide.steps).map((name, n) => [name, view(n === 250 ? 'failed' : n === 251 ? 'running' : 'succeeded')]),
  );
  const run = { run: 'r', flow: 'wide', state: 'running' as const, startedAt: 0, endedAt: null, steps };
  const short = showRun(wide, run, NO_COLORS, { now: 0, most: 20 }).split('\n');
  t.is(short.length, 3 + 20 + 1 + 1);
  t.regex(short[3] ?? '', /^1 {2}✘ s250 +failed/);
  t.regex(short[4] ?? '', /^ {3}▶ s251 +running/);
  t.regex(short[23] ?? '', /… 279 more: 279 succeeded/);
  t.is(showRun(wide, run, NO_COLORS, { now: 0 }).split('\n').length, 3 + 300);
  t.is(showPlan(wide, NO_COLORS, { most: 20 }).split('\n').length, 3 + 20 + 1 + 1);
});

test('a deep plan has a line for each level', (t) => {
  const deep = flow('deep', (f) => {
    let before = f.step('s0', 'echo', {});
    for (let n = 1; n < 300; n++) before = f.step(`s${n}`, 'echo', {}, { after: before });
  }).plan;
  const lines = showPlan(deep, NO_COLORS, { most: 20, width: 80 }).split('\n');
  t.is(lines.length, 303);
  t.regex(lines.at(-1) ?? '', /^300 {2}s299 +task +echo +s298$/);
});

test('a step that waits for many names some of them', (t) => {
  const steps = Array.from({ length: 300 }, (_, n) => ({ step: `step-${n}`, done: 0, of: 1 }));
  const text = waitText({ kind: 'steps', steps }, 0);
  t.true(text.length < 100, text);
  t.regex(text, /^waits for step-0, step-1, .* and 29\d more$/);
  t.is(waitText({ kind: 'turn', ahead: 3 }, 0), 'waits for its turn, 3 before it');
  t.is(waitText({ kind: 'time', until: 60_000 }, 0), 'waits, ends in 1m 0s');
});
