import type { StatusView } from '@drover/client';
import test from 'ava';
import { ANYBODY, type Caller } from '../access/caller.js';
import { statusFor } from './status-for.js';

const QUEUE = { paused: false, pending: 1, out: 0 };
const STATUS = {
  workers: [{ id: 'w1', tasks: [{ task: 'of-b', attempt: 1, startedAt: 0 }] }],
  tasks: { pending: 2 },
  queues: [
    { name: 'abc', ...QUEUE },
    { name: 'b', ...QUEUE },
  ],
  queuesLeftOut: 3,
  unservedTypes: ['of-b'],
  unservedTypesLeftOut: 1,
  undeclaredLimits: ['of-b'],
} as unknown as StatusView;
const LIMITED: Caller = { name: 'ada', auth: 'token', roles: ['viewer'], queues: ['a*'] };

test('a caller who may see all queues is told everything', (t) => {
  t.is(statusFor(STATUS, ANYBODY), STATUS);
});

test('a caller who is limited to queues hears nothing of others, nor a count that has them in it', (t) => {
  const shown = statusFor(STATUS, LIMITED);
  t.deepEqual(
    shown.queues.map(({ name }) => name),
    ['abc'],
  );
  t.notRegex(JSON.stringify(shown), /of-b/);
  t.like(shown, { tasks: null, queuesLeftOut: 0, unservedTypesLeftOut: 0 });
});
