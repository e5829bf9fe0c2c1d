import test from 'ava';
import { DEFAULT_TASK_OPTIONS, InvalidArgumentError } from '@drover/core';
import { decodeBatch } from '@drover/protocol';
import type { Plan } from '../plan.js';
import { DRAFT_LIMITS, encodeDraft, ItemGatherer } from './draft-batch.js';
import { optionsOfStep } from './options-of-step.js';
import { prepareRun } from './prepare-run.js';

const plan: Plan = {
  v: 1,
  name: 'nightly',
  steps: {
    parse: { kind: 'map', type: 'parse', items: { given: true, from: { $input: ['files'] } } },
    morning: { kind: 'until', at: { given: ['at'] } },
  },
};

test('a step is submitted with what it says, else with what the start says', (t) => {
  const header = { queue: 'q', options: { tenant: 'acme', priority: 3 } };
  t.deepEqual(optionsOfStep(header, { type: 'parse', options: { priority: 5, timeoutMs: 10 } }), {
    queue: 'q',
    options: { ...DEFAULT_TASK_OPTIONS, type: 'parse', tenant: 'acme', priority: 5, timeoutMs: 10 },
  });
  t.is(optionsOfStep({}, { type: 'parse', options: { queue: 'own' } }).queue, 'own');
  t.is(optionsOfStep({}, { type: 'parse' }).queue, 'default');
});

test('items and instants are taken from the input', (t) => {
  const input = { files: ['a', 'b'], at: '2026-11-28T09:00:00Z', day: 1 };
  const run = prepareRun(plan, input);
  t.deepEqual([...(run.items.get('parse') as Iterable<unknown>)], ['a', 'b']);
  t.is(run.times.get('morning'), Date.UTC(2026, 10, 28, 9));
  t.deepEqual(run.input, { files: null, at: '2026-11-28T09:00:00Z', day: 1 });
  t.deepEqual(input.files, ['a', 'b'], 'what the caller gave stays as it is');
});

test('items that are given beside the input go before', (t) => {
  const run = prepareRun(plan, { at: 5 }, { parse: [1] });
  t.deepEqual([...(run.items.get('parse') as Iterable<unknown>)], [1]);
  t.deepEqual(run.input, { at: 5 });
});

test('what is missing is named', (t) => {
  const missing = t.throws(() => prepareRun(plan, { at: 5 }), { instanceOf: InvalidArgumentError });
  t.is(missing.message, "input.files: expected a list, or an iterable, of the items of 'parse', got null");
  t.throws(() => prepareRun(plan, { files: [] }), { message: /^input\.at: expected the instant/ });
  t.throws(() => prepareRun(plan, { files: [], at: 1 }, { list: [] }), {
    message: /^items: expected maps of the flow/,
  });
});

test('items are gathered into drafts that keep both limits', (t) => {
  const gatherer = new ItemGatherer();
  const drafts = [];
  for (let n = 0; n < 1_203; n++) drafts.push(gatherer.add('1', 1));
  drafts.push(gatherer.add('x', DRAFT_LIMITS.bytes), gatherer.add('y', 1), gatherer.take());
  t.deepEqual(
    drafts.flatMap((draft) => (draft === null ? [] : [[draft.from, draft.items.length]])),
    [
      [0, 500],
      [500, 500],
      [1_000, 203],
      [1_203, 1],
      [1_204, 1],
    ],
  );
  t.is(gatherer.count, 1_205);
  t.is(gatherer.take(), null);
});

test('a draft is a batch that says so', (t) => {
  const draft = { flow: '01M82JVEMPWW3M3KR0SECPNVN7', run: 3, step: 'parse', from: 500, shards: 4 };
  const { queue, options } = optionsOfStep({}, { type: 'parse' });
  const data = encodeDraft(draft, ['1', '{"a":2}'], { queue, options, client: 'c', at: 7 });
  const { header, payload } = decodeBatch('/p', Buffer.from(data));
  t.deepEqual(header.draft, draft);
  t.deepEqual(header.needs, ['flows']);
  t.is(header.count, 2);
  t.is(payload(1), '{"a":2}');
});
