import { flow } from '@drover/client';
import type { Listed } from '../tasks/kinds.js';

/** A list that a step finds, a task for each of its items, a tree over their results, and somebody who lets it go on. */
export const SUMS = flow<Listed, number>('sums', (f) => {
  const list = f.step('list', 'list', { items: f.input.items as unknown }, { maxAttempts: 5 });
  const parts = f.map('parts', 'part', list.items, { maxAttempts: 2, retry: { kind: 'constant', delayMs: 200 } });
  const sum = f.reduce('sum', 'sum', parts, { arity: 3 });
  f.approve('go', { after: sum, timeout: '5s', onTimeout: 'yes' });
  return sum.result;
});

/** The steps that each of them waits for, as the histories have it. */
export const AFTER = { list: [], parts: ['list'], sum: ['parts'] };
