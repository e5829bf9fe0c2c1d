import test from 'ava';
import { parseLimit } from '@drover/core';
import { formOf, NEW, readForm } from './limit-form.js';

test('a form says the limit from which it was made', (t) => {
  for (const given of [
    { concurrency: 10 },
    { rate: '100/1s', per: 'key' },
    { concurrency: 2, rate: { limit: 7, period: '1500ms', burst: 3 }, on: { type: 'a' } },
    { concurrency: 1, on: {}, per: 'tenant' },
  ]) {
    const spec = parseLimit('', given);
    t.deepEqual(readForm(formOf(spec)).spec, spec);
  }
});

test('a form that says no limit tells why', (t) => {
  t.regex(readForm({ ...NEW, concurrency: '' }).fault ?? '', /needs a concurrency, a rate, or both/);
  t.regex(readForm({ ...NEW, concurrency: 'many' }).fault ?? '', /whole number from 1/);
  t.regex(readForm({ ...NEW, rate: 'fast' }).fault ?? '', /rate/);
});
