import type { RoleMap } from '@drover/config';
import test from 'ava';
import { grantOf } from './grants.decide.js';

const map: RoleMap = {
  admins: { roles: ['admin'], queues: null },
  everyone: { roles: ['viewer'], queues: null },
  'team-a': { roles: ['operator'], queues: ['a*'] },
  'team-b': { roles: ['operator'], queues: ['b'] },
  ab: { roles: ['payloads'], queues: ['ab', 'b*'] },
};

test('names give what the map says of exactly them', (t) => {
  t.deepEqual(grantOf(['admins'], map), { roles: ['admin'], queues: null });
  for (const names of [[], ['Admins'], ['admin'], ['admins '], ['toString'], ['__proto__']])
    t.is(grantOf(names, map), null);
});

test('queues of equal roles add up, those of different roles narrow each other', (t) => {
  t.deepEqual(grantOf(['team-a', 'team-b'], map), { roles: ['operator'], queues: ['a*', 'b'] });
  t.deepEqual(grantOf(['team-a', 'everyone'], map), { roles: ['operator', 'viewer'], queues: ['a*'] });
  t.deepEqual(grantOf(['team-a', 'team-b', 'ab'], map), { roles: ['operator', 'payloads'], queues: ['b', 'ab'] });
  t.deepEqual(grantOf(['team-a', 'team-a'], map), { roles: ['operator'], queues: ['a*'] });
});
