import test from 'ava';
import { parseLimit } from '@drover/core';
import { inWords, perWords, scopeWords } from './limit-words.js';

test('a limit in words', (t) => {
  const spec = parseLimit('', { concurrency: 1_000, rate: '100/1s', per: 'key' });
  t.is(inWords(spec), '1,000 at a time · 100/1s, 10 at once');
  t.is(perWords(spec), 'for each key');
  t.is(scopeWords(spec), 'tasks that name it');
  t.is(scopeWords(parseLimit('', { concurrency: 1, on: { type: 'a', queue: 'q' } })), 'tasks of type a and queue q');
  t.is(scopeWords(parseLimit('', { concurrency: 1, on: {} })), 'all tasks');
});
