import { InvalidArgumentError } from '@drover/core';
import { flow } from '@drover/flow';
import { planHash } from '@drover/protocol';
import test from 'ava';
import { checkedSpec } from './checked.js';
import { parseRun } from './run-spec.js';

const daily = flow<{ files: string[]; at: string }>('daily', (f) => {
  const parsed = f.map('parse', 'parse-file', f.input.files);
  f.until('morning', f.input.at, { after: parsed });
});
const PLAN = planHash(daily.text);
const HASH = '0123456789abcdef0123456789abcdef';

const checked = (run: unknown) =>
  checkedSpec({ name: 's', when: { every: '1h' }, run }, { entry: '', calendars: null, now: 0 });
const message = (run: unknown): string => {
  try {
    checked(run);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return error.message;
  }
};

test('a run is stored in one form, whoever gives it, and is the same when it is given again', (t) => {
  const runs: [given: object, stored: object][] = [
    [
      { type: 'report', timeout: '20m' },
      { type: 'report', timeout: 1_200_000 },
    ],
    [
      { flow: 'daily', plan: HASH, input: { day: 1 }, priority: 0, deadline: '1h', tenant: 'acme' },
      { flow: 'daily', plan: HASH, input: { day: 1 }, tenant: 'acme', deadline: 3_600_000 },
    ],
    [
      { broadcast: 'flush', where: { zone: 'a', disk: 'ssd' }, joiners: '1h', timeout: '30s', skipDraining: false },
      { broadcast: 'flush', timeout: 30_000, where: { disk: 'ssd', zone: 'a' }, joiners: 3_600_000 },
    ],
    [
      { broadcast: 'flush', key: 'caches' },
      { broadcast: 'flush', key: 'caches' },
    ],
  ];
  for (const [given, stored] of runs) {
    t.is(JSON.stringify(parseRun('run', given)), JSON.stringify(stored));
    t.is(JSON.stringify(parseRun('run', stored)), JSON.stringify(stored));
  }
});

test('a flow that is given is stored by its name and the hash of its plan', (t) => {
  const input = { files: ['a'], at: '2027-01-01T00:00:00Z' };
  for (const given of [daily, JSON.parse(daily.text) as object]) {
    const { spec, flow: found } = checked({ flow: given, input });
    t.deepEqual(spec.run, { flow: 'daily', plan: PLAN, input });
    t.is(found?.text, daily.text);
  }
  t.is(checked({ flow: 'daily', plan: PLAN }).flow, null);
});

test('what is wrong is named, with what is expected', (t) => {
  t.regex(message({ queue: 'q' }), /^run\.type: expected a task type .* got undefined/);
  t.is(message({ type: 'a', flow: daily }), 'run: expected one of them: a fire starts one thing, got "type and flow"');
  t.is(
    message({ flow: 'daily' }),
    'run.plan: expected the hash of a plan, or the flow itself as "flow", got undefined',
  );
  t.regex(message({ flow: daily, input: {} }), /^run\.input\.files: expected a list/);
  t.regex(message({ flow: daily, input: {}, unique: { key: 'k' } }), /has no option "unique"; 'overlap' says/);
  t.regex(message({ flow: daily, delay: '1s' }), /^run: unknown option "delay"/);
  t.regex(message({ broadcast: 'flush', where: 'a' }), /^run\.where: expected labels/);
  t.regex(message({ broadcast: 'flush', delay: '1s' }), /^run: unknown option "delay"/);
  const after = (step: string): object => ({ kind: 'task', type: 'x', input: null, after: { all: [{ step }] } });
  const cyclic = { v: 1, name: 'round', steps: { a: after('b'), b: after('a') } };
  t.regex(message({ flow: cyclic }), /^run\.flow: .*a → b → a|b → a → b/);
  t.regex(message({ flow: { v: 1 } }), /^run\.flow: /);
});
