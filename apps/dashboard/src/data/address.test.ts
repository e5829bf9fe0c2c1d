import test from 'ava';
import { addressOf } from './address.js';

test('parameters go into the path, everything else into the query', (t) => {
  t.is(addressOf('/v1/tasks/:id', { id: 'a/b', payload: '1' }), '/v1/tasks/a%2Fb?payload=1');
  t.is(
    addressOf('/v1/tasks', { q: 'state:failed queue:a b', limit: 50 }),
    '/v1/tasks?q=state%3Afailed+queue%3Aa+b&limit=50',
  );
});

test('what has no value is left out', (t) => {
  t.is(addressOf('/v1/tasks', { q: '', cursor: undefined, order: null }), '/v1/tasks?q=');
  t.is(addressOf('/v1', {}), '/v1');
});
