import test from 'ava';
import type { Flow } from './flow.js';
import { any, flow, type Outcome } from '../index.js';

interface Merge {
  'list-files': [payload: { day: string }, result: string[]];
  'parse-file': [payload: string, result: number];
  'merge-counts': [payload: unknown, result: { sum: number }];
  check: [payload: { total: number }, result: null];
  publish: [payload: { total: number }, result: null];
  discard: [payload: object, result: null];
  cleanup: [payload: { day: string }, result: null];
  notify: [payload: { outcome: Outcome }, result: null];
}

const nightly = flow<{ day: string }, { sum: number }, Merge>(
  'nightly',
  (f) => {
    const list = f.step('list', 'list-files', { day: f.input.day });
    const parsed = f.map('parse', 'parse-file', list.items, { maxAttempts: 5, tolerate: '1%', concurrency: 50 });
    const total = f.reduce('merge', 'merge-counts', parsed, { arity: 500 });
    const check = f.step('check', 'check', { total: total.result.sum }, { labels: ['ok', 'odd'] });
    const human = f.approve('publish?', { after: check.is('odd'), timeout: '2d', onTimeout: 'no' });
    f.step('publish', 'publish', { total: total.result.sum }, { after: any(check.is('ok'), human.yes) });
    f.step('discard', 'discard', {}, { after: human.no });
    f.step('cleanup', 'cleanup', { day: f.input.day }, { after: parsed.ended });
    f.finally('tell', 'notify', { outcome: f.outcome });
    return total.result;
  },
  { onFailure: 'continue', deadline: '6h' },
);

test('the plan says what was declared', (t) => {
  const { steps, ...rest } = nightly.plan;
  t.deepEqual(rest, {
    v: 1,
    name: 'nightly',
    output: { $step: 'merge', at: [] },
    onFailure: 'continue',
    deadlineMs: 6 * 3_600_000,
  });
  t.deepEqual(Object.keys(steps), [
    ...['list', 'parse', 'merge', 'check', 'publish?', 'publish', 'discard', 'cleanup', 'tell'],
  ]);
  t.deepEqual(steps.list, {
    kind: 'task',
    type: 'list-files',
    input: { day: { $input: ['day'] } },
    expand: 'parse',
  });
  t.deepEqual(steps.parse, {
    kind: 'map',
    type: 'parse-file',
    items: { step: 'list' },
    options: { maxAttempts: 5 },
    tolerate: { percent: 1 },
    concurrency: 50,
    after: { all: [{ step: 'list' }] },
  });
  t.deepEqual(steps['publish?'], {
    kind: 'signal',
    answers: ['yes', 'no'],
    timeoutMs: 2 * 86_400_000,
    onTimeout: 'no',
    after: { all: [{ step: 'check', is: 'odd' }] },
  });
});

test('a reference is an edge, unless after names the step', (t) => {
  t.deepEqual(nightly.plan.steps.publish?.after, {
    all: [
      { step: 'merge' },
      {
        any: [
          { step: 'check', is: 'ok' },
          { step: 'publish?', is: 'yes' },
        ],
      },
    ],
  });
  t.deepEqual(nightly.plan.steps.cleanup?.after, { all: [{ step: 'parse', on: 'ended' }] });
  const both = flow('both', (f) => {
    const a = f.step('a', 'x');
    const b = f.step('b', 'x');
    f.step('join', 'x', [a, b], { after: any(a, b) });
  });
  t.deepEqual(both.plan.steps.join?.after, { any: [{ step: 'a' }, { step: 'b' }] });
});

test('steps of finally wait for the ends of all steps that nobody waits for', (t) => {
  const { after } = nightly.plan.steps.tell ?? {};
  t.deepEqual(after, {
    all: ['publish', 'discard', 'cleanup'].map((step) => ({ step, on: 'ended' })),
  });
});

interface Files {
  read: [payload: { name: string }, result: { size: number }];
  close: [payload: unknown, result: null];
  pick: [payload: unknown, result: { name: string }];
  use: [payload: { size: number }, result: null];
}

test('a sub-flow becomes steps of the flow around it', (t) => {
  const child = flow<{ file: string }, number, Files>('child', (f) => {
    const read = f.step('read', 'read', { name: f.input.file });
    f.finally('close', 'close');
    return read.result.size;
  });
  const parent = flow<null, null, Files>('parent', (f) => {
    const first = f.step('first', 'pick');
    const part = f.flow('part', child, { file: first.result.name });
    f.step('last', 'use', { size: part.result }, { mayFail: true });
  });
  const { steps } = parent.plan;
  t.deepEqual(Object.keys(steps), ['first', 'part/.begin', 'part/read', 'part/close', 'part', 'last']);
  t.deepEqual(steps['part/.begin'], { kind: 'flow', of: [], after: { all: [{ step: 'first' }] } });
  t.deepEqual(steps['part/read'], {
    kind: 'task',
    type: 'read',
    input: { name: { $step: 'first', at: ['name'] } },
    after: { all: [{ step: 'part/.begin' }] },
  });
  t.deepEqual(steps['part/close']?.after, {
    all: [
      { step: 'part/.begin', must: true },
      { step: 'part/read', on: 'ended' },
    ],
  });
  t.deepEqual(steps.part, {
    kind: 'flow',
    of: ['part/read', 'part/close'],
    after: { all: [{ step: 'part/close', on: 'ended' }] },
  });
  t.deepEqual(steps.last, {
    kind: 'task',
    type: 'use',
    input: { size: { $step: 'part/read', at: ['size'] } },
    after: { all: [{ step: 'part' }] },
    mayFail: true,
  });
});

test('a flow inside a flow inside a flow', (t) => {
  const one = flow<{ n: number }, number>('one', (f) => f.step('x', 'x', { of: f.input.n }).result);
  const two = flow<{ m: number }, number>('two', (f) => f.flow('one', one, { n: f.input.m }).result);
  const three = flow<null, number>('three', (f) => f.flow('two', two, { m: 7 }).result);
  t.deepEqual(three.plan.output, { $step: 'two/one/x', at: [] });
  const step = three.plan.steps['two/one/x'];
  t.deepEqual(step?.kind === 'task' && step.input, { of: 7 });
});

const wrong: readonly [what: string, build: () => unknown, message: RegExp][] = [
  ['a name twice', () => flow('f', (f) => [f.step('a', 'x'), f.step('a', 'x')]), /step: expected a name that no other/],
  ['a name with blanks', () => flow('f', (f) => f.step('a b', 'x')), /step: expected a name of letters/],
  ['no steps', () => flow('f', () => null), /flow 'f' cannot be run: it has no steps/],
  [
    'a label that is not declared',
    () => flow('f', (f) => f.step('b', 'x', {}, { after: f.step('a', 'x', {}, { labels: ['ok'] }).is('odd') })),
    /step 'b' waits for 'a' with the label 'odd'; it declares 'ok'/,
  ],
  [
    'an option that is misspelt',
    () => flow('f', (f) => f.step('a', 'x', {}, { maxAttempt: 2 } as object)),
    /a: unknown option "maxAttempt"; did you mean "maxAttempts"\?/,
  ],
  [
    'a step of another flow',
    () => {
      let other: unknown;
      flow('g', (f) => (other = f.step('there', 'x')));
      flow('f', (f) => f.step('a', 'x', {}, { after: other as never }));
    },
    /flow 'f' cannot be run: step 'a' waits for step 'there', which is not there/,
  ],
  [
    'a reference used as a value',
    () => flow<{ day: string }>('f', (f) => f.step('a', 'x', { text: Number(f.input.day) })),
    /has no value while the flow is built/,
  ],
  ['a result of a map', () => flow('f', (f) => f.map('m', 'x', [1]).result), /which is a map: reduce it/],
  [
    'the outcome before the end',
    () => flow('f', (f) => f.step('a', 'x', f.outcome)),
    /refers to the outcome of the run, which only steps of finally know/,
  ],
  ['a tolerance that is none', () => flow('f', (f) => f.map('m', 'x', [1], { tolerate: '1' as never })), /m\.tolerate/],
  [
    'what JSON loses',
    () => flow('f', (f) => f.step('a', 'x', { at: new Map() })),
    /a\.input\.at: expected a plain object/,
  ],
  [
    'a timeout without one',
    () => flow('f', (f) => f.approve('a', { onTimeout: 'no' })),
    /says what a timeout means, and has none/,
  ],
  ['an async build', () => flow('f', async (f) => f.step('a', 'x')), /a function that returns at once/],
];

for (const [what, build, message] of wrong)
  test(`${what} is refused`, (t) => {
    t.throws(build, { message });
  });

test('types flow from the handlers to references', (t) => {
  interface Types {
    size: [payload: { file: string }, result: { bytes: number }];
  }
  const typed: Flow<{ name: string }> = flow<{ name: string }, number, Types>('typed', (f) => {
    const size = f.step('size', 'size', { file: f.input.name });
    // @ts-expect-error -- there is no such field in the result
    const nothing: unknown = size.result.lines;
    // @ts-expect-error -- there is no such type of tasks
    t.notThrows(() => f.step('other', 'sizes', {}));
    return [size.result.bytes, nothing];
  });
  t.is(typed.name, 'typed');
});
