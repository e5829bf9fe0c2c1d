import { DEFAULT_TASK_OPTIONS, LIMITS } from '@drover/core';
import test from 'ava';
import { Broadcast } from './book.js';
import type { Candidate } from './choose.decide.js';

const RECORD = {
  ...{ queue: 'q', task: { ...DEFAULT_TASK_OPTIONS, type: 'flush' }, joinersMs: 1_000, client: 'test', at: 0 },
  ...{ where: { zone: 'a' }, skipDraining: true as const, needs: ['broadcast'] },
};
const worker = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  ...{ name, types: ['flush'], labels: { zone: 'a' }, understands: ['broadcast'] },
  ...{ isDraining: false, isStopping: false, ...more },
});
const broadcast = (): Broadcast =>
  new Broadcast('01JD3V8R2MZ6K4Q7T9XBYC5HNA', RECORD, { order: 1n, submittedAt: 0, until: 1_000 });

test('names that offer the type, have the labels and understand broadcasts, once each; none when it is closed', (t) => {
  const open = broadcast();
  const there = [
    ...[worker('b'), worker('a'), worker('a')],
    worker('other type', { types: ['x'] }),
    worker('other zone', { labels: { zone: 'b' } }),
    worker('no zone', { labels: {} }),
    worker('old release', { understands: [] }),
    worker('drains', { isDraining: true }),
    worker('leaves', { isStopping: true }),
  ];
  t.deepEqual(open.wanted(there), ['a', 'b']);
  open.names.add('a');
  t.deepEqual(open.wanted(there), ['b']);
  open.closed = { at: 5, why: 'over' };
  t.deepEqual(open.wanted(there), []);
});

test('so many names at most, and then it is full', (t) => {
  const open = broadcast();
  const many = Array.from({ length: LIMITS.broadcastNames + 1 }, (_, n) => worker(`w${n}`));
  t.is(open.wanted(many.slice(1)).length, LIMITS.broadcastNames);
  t.false(open.isFull);
  t.is(open.wanted(many).length, LIMITS.broadcastNames);
  t.true(open.isFull);
  for (const { name } of many.slice(1)) open.names.add(name);
  t.deepEqual(open.wanted(many), []);
});
