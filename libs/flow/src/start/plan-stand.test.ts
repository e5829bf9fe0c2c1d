import test from 'ava';
import { planOperations, standAfter } from './plan-stand.js';

const PLAN = { path: '/plans/p', data: '{}' };

test('a plan is created, found, found condemned, and made anew', (t) => {
  t.deepEqual(planOperations('missing', PLAN), [{ op: 'create', ...PLAN }]);
  t.is(standAfter('NODE_EXISTS'), 'there');
  t.deepEqual(planOperations('there', PLAN), [{ op: 'check', path: '/plans/p', version: 0 }]);
  t.is(standAfter('BAD_VERSION'), 'condemned');
  t.deepEqual(planOperations('condemned', PLAN), [
    { op: 'delete', path: '/plans/p' },
    { op: 'create', ...PLAN },
  ]);
  t.is(standAfter('NO_NODE'), 'missing', 'whether it was there or condemned');
});
