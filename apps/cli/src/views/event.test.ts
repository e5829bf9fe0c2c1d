import test from 'ava';
import { NO_COLORS } from '../terminal/colors.js';
import { showEvent } from './event.js';

const AT = Date.UTC(2026, 10, 28, 14, 35, 2, 7);
const shown = (event: string, data: unknown, id: string | null = '7.3'): string | null =>
  showEvent({ id, event, at: AT, data }, NO_COLORS);

test('an event is one line, with the time', (t) => {
  t.is(
    shown('failures', { task: '01K.0', queue: 'mail', worker: null, error: { name: 'Error', message: 'no\nway' } }),
    '14:35:02.007 failure  task=01K.0 queue=mail error="Error: no\\\\nway"',
  );
  t.is(shown('workers', { name: 'w 1', labels: { a: 1 } }), '14:35:02.007 workers  name="w 1" labels={"a":1}');
  t.is(
    shown('overview', { leader: { id: 's1' }, tasks: { pending: 3, out: 2, failed: 1 }, oldestPendingMs: 1_500 }),
    '14:35:02.007 overview  leader s1  pending 3  out 2  failed 1  oldest wait 1.5 s',
  );
});

test('the stream says of itself what is missing', (t) => {
  t.is(shown('hello', {}, null), '-- connected --');
  t.is(
    shown('gap', { from: null, to: '7.9', reason: 'ring' }),
    '-- events are missing, from beginning to 7.9 (ring) --',
  );
  t.regex(shown('reset', {}) ?? '', /another leader/);
  t.regex(shown('bye', { reason: 'stopping' }) ?? '', /\(stopping\); connecting again/);
});
