import test from 'ava';
import { matchPath } from './pattern.js';

test('a path fits a pattern by its segments', (t) => {
  t.deepEqual(matchPath('/tasks/:id', '/tasks/01K.3'), { id: '01K.3' });
  t.deepEqual(matchPath('/queues/:name', '/queues/a%2Fb%20c'), { name: 'a/b c' });
  t.deepEqual(matchPath('/tasks', '/tasks/'), {});
  t.is(matchPath('/tasks/:id', '/tasks'), null);
  t.is(matchPath('/tasks/:id', '/queues/a'), null);
});

test('a segment that is no percent-encoding stays as it is', (t) => {
  t.deepEqual(matchPath('/queues/:name', '/queues/100%'), { name: '100%' });
});
