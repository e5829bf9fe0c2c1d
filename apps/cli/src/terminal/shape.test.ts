import test from 'ava';
import { UsageError } from '../failure.js';
import { shapeOf } from './shape.js';

const TASK = { id: '01K.0', state: 'failed', error: { name: 'Error', message: 'no\u0007' }, history: [1] };

test('--fields picks fields, also inner ones, in the order asked for', (t) => {
  t.is(shapeOf({ fields: 'state,error.name' })?.(TASK), '{"state":"failed","error":{"name":"Error"}}');
  t.is(shapeOf({ fields: 'history,none,__proto__.x' })?.(TASK), '{"history":[1]}');
  for (const fields of ['', 'a,,b', 'a b']) t.throws(() => shapeOf({ fields }), { instanceOf: UsageError }, fields);
});

test('--quiet prints what tells documents apart, with control characters escaped', (t) => {
  const quiet = shapeOf({ quiet: true });
  t.is(quiet?.(TASK), '01K.0');
  t.is(quiet?.({ name: 'ma\u0007il' }), 'ma\\u0007il');
  t.is(quiet?.({ count: 3 }), '{"count":3}');
  t.throws(() => shapeOf({ quiet: true, json: true }), { instanceOf: UsageError });
});

test('--jsonl is JSON; without any of them documents stay as they are', (t) => {
  t.is(shapeOf({ jsonl: true })?.(TASK), JSON.stringify(TASK));
  t.is(shapeOf({ json: true }), null);
});
