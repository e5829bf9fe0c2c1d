import test from 'ava';
import { startedBy, startsText } from './started.js';

test('a fire leads to the task, the run or the broadcast that it started', (t) => {
  t.deepEqual(startedBy({ task: '01A.0' }), { kind: 'task', id: '01A.0', to: '/tasks/01A.0' });
  t.deepEqual(startedBy({ run: '01B.0' }), { kind: 'run', id: '01B.0', to: '/flows/01B.0' });
  t.deepEqual(startedBy({ broadcast: '01C' }), { kind: 'broadcast', id: '01C', to: '/broadcasts/01C' });
});

test('a definition says what it starts', (t) => {
  t.is(startsText({ run: { type: 'report' } }), 'task report');
  t.is(startsText({ run: { flow: 'nightly', plan: 'h', input: {} } }), 'flow nightly');
  t.is(startsText({ run: { broadcast: 'flush-cache' } }), 'broadcast flush-cache');
  t.is(startsText({}), 'task');
});
