import test from 'ava';
import { parsePlan, planText, type Step } from './index.js';

const task = (after?: Step['after']): Step => ({ kind: 'task', type: 'x', input: null, ...(after && { after }) });
const plan = (steps: Record<string, Step>, more: object = {}): string => planText({ v: 1, name: 'f', steps, ...more });

test('a circle is told, step by step', (t) => {
  const steps = {
    start: task(),
    list: task({ all: [{ step: 'start' }, { step: 'parse' }] }),
    parse: task({ all: [{ step: 'check', on: 'ended' }] }),
    check: task({ any: [{ step: 'list' }] }),
  };
  const error = t.throws(() => parsePlan(plan(steps)));
  t.is(error.message, "flow 'f' cannot be run: its steps go in a circle: check → parse → list → check");
});

test('the longest plan is accepted, and one more step is not', (t) => {
  const many = (count: number): Record<string, Step> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `s${at}`,
        task(at === 0 ? undefined : { all: [{ step: `s${at - 1}` }] }),
      ]),
    );
  t.is(Object.keys(parsePlan(plan(many(800))).steps).length, 800);
  t.throws(
    () =>
      parsePlan(
        planText({
          v: 1,
          name: 'f',
          steps: Object.fromEntries(Object.keys(many(1_001)).map((name) => [name, { kind: 'sleep', ms: 1 }])),
        }),
      ),
    {
      message: /it has 1001 steps, 1000 are allowed/,
    },
  );
});

const wrong: readonly [what: string, text: string, message: RegExp][] = [
  ['text that is no JSON', '{', /it is not JSON/],
  [
    '65 KiB',
    plan({ a: { kind: 'task', type: 'x', input: 'x'.repeat(65 * 1024) } }),
    /bytes as JSON, 65536 are allowed/,
  ],
  ['an unknown kind', JSON.stringify({ v: 1, name: 'f', steps: { a: { kind: 'loop' } } }), /steps\.a/],
  [
    'an unknown field',
    JSON.stringify({ v: 1, name: 'f', steps: { a: { kind: 'sleep', ms: 1, every: 2 } } }),
    /steps\.a.*every/,
  ],
  [
    'an unknown step',
    plan({ publish: task({ all: [{ step: 'chekc' }] }), check: task() }),
    /waits for step 'chekc', which is not there; did you mean 'check'\?/,
  ],
  ['an edge twice', plan({ a: task(), b: task({ all: [{ step: 'a' }, { step: 'a' }] }) }), /names the edge .* twice/],
  [
    'a reference to what may not have ended',
    plan({ a: task(), b: { kind: 'task', type: 'x', input: { $step: 'a', at: [] } } }),
    /refers to 'a', which may not have ended by then/,
  ],
  [
    'a map over items of nobody',
    plan({ a: task(), m: { kind: 'map', type: 'x', items: { step: 'a' }, after: { all: [{ step: 'a' }] } } }),
    /which does not give them/,
  ],
  [
    'a reduce over a task',
    plan({ a: task(), r: { kind: 'reduce', type: 'x', over: 'a', arity: 2, after: { all: [{ step: 'a' }] } } }),
    /which is no map/,
  ],
  ['an output of nobody', plan({ a: task() }, { output: { $step: 'b', at: [] } }), /the output refers to step 'b'/],
  [
    'a field that looks like a reference',
    plan({ a: { kind: 'task', type: 'x', input: { $steps: 'b' } } }),
    /has a field '\$steps', which is no reference/,
  ],
  ['a type that is none', plan({ a: { kind: 'task', type: 'no type', input: null } }), /steps\.a\.type/],
];

for (const [what, text, message] of wrong)
  test(`a plan with ${what} is refused`, (t) => {
    t.throws(() => parsePlan(text), { name: 'InvalidPlanError', message });
  });
