import test from 'ava';
import { nearest } from './nearest.js';

test('a slip of the fingers is recognised, another word is not', (t) => {
  const names = ['session-timeout', 'retain-tasks', 'zk'];
  t.is(nearest('sesion-timeout', names), 'session-timeout');
  t.is(nearest('retain-tsaks', names), 'retain-tasks');
  t.is(nearest('kz', names), 'zk');
  t.is(nearest('colour', names), null);
  t.is(nearest('x', []), null);
  t.is(nearest('delay', ['kind', 'delayMs', 'maxDelayMs']), 'delayMs');
  t.is(nearest('timeoutMs', ['delay', 'timeout']), 'timeout');
});
