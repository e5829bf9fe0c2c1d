import test from 'ava';
import { nameOfWorker } from './worker-name.js';

test('a worker loses its session, a leader keeps its name', (t) => {
  t.is(nameOfWorker('gpu-1-jpidjc39tdy'), 'gpu-1');
  t.is(nameOfWorker('w1-jpidjc39tdy'), 'w1');
  t.is(nameOfWorker('host-24928'), 'host-24928');
  t.is(nameOfWorker('s1'), 's1');
});
