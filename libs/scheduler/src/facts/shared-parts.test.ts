import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import type { BatchHeader, TaskGroup } from '@drover/protocol';
import test from 'ava';
import { SharedParts } from './shared-parts.js';

const group = (fields: Partial<TaskGroup> = {}): TaskGroup => ({
  ...DEFAULT_TASK_OPTIONS,
  ...{ type: 't', count: 1 },
  ...fields,
});
const header = (groups: TaskGroup[], at = 1): BatchHeader => ({
  queue: 'q',
  count: groups.length,
  groups,
  at,
  client: 'c',
});

test('headers of like tasks share their groups, and say the same as before', (t) => {
  const shared = new SharedParts();
  const first = shared.in(header([group()], 1));
  const second = shared.in(header([group()], 2));
  t.is(second.groups, first.groups);
  t.deepEqual(second, header([group()], 2));
});

test('what differs in anything is not shared', (t) => {
  const shared = new SharedParts();
  const plain = shared.in(header([group()]));
  for (const other of [{ type: 'u' }, { maxAttempts: 7 }, { timeoutMs: 5 }, { key: 'k' }, { unknown: 1 }]) {
    const groups = [group(other)];
    const read = shared.in(header(groups));
    t.not(read.groups, plain.groups);
    t.deepEqual(read.groups, groups);
  }
});

test('of many that all differ not all are remembered', (t) => {
  const shared = new SharedParts();
  const first = shared.in(header([group({ type: 't0' })]));
  for (let n = 1; n <= 2_000; n++) shared.in(header([group({ type: `t${n}` })]));
  t.not(shared.in(header([group({ type: 't0' })])).groups, first.groups);
});
