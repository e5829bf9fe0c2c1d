import test from 'ava';
import { traceContextOf } from './index.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('a trace context is taken as W3C writes it, and nothing else is', (t) => {
  t.deepEqual(traceContextOf(traceparent), { traceparent });
  t.deepEqual(traceContextOf(traceparent, 'a=1,b=2'), { traceparent, tracestate: 'a=1,b=2' });
  for (const state of [7, '', 'x'.repeat(513), 'line\nfeed'])
    t.deepEqual(traceContextOf(traceparent, state), { traceparent });
  const zero = (text: string): string => text.replace(/[1-9a-f]/g, '0');
  for (const garbage of [
    ...[
      undefined,
      7,
      '',
      'nonsense',
      traceparent.toUpperCase(),
      `${traceparent}-more`,
      traceparent.replace('00-', '01-'),
    ],
    ...[
      `00-${zero('4bf92f3577b34da6a3ce929d0e0e4736')}-00f067aa0ba902b7-01`,
      traceparent.replace('00f067aa0ba902b7', zero('00f067aa0ba902b7')),
    ],
  ])
    t.is(traceContextOf(garbage), null, String(garbage));
});
