import test from 'ava';
import { workerId, workerName } from './names.js';

test('a worker loses its session, a leader keeps its name', (t) => {
  t.is(workerName('gpu-1-jpidjc39tdy'), 'gpu-1');
  t.is(workerName('w1-jpidjc39tdy'), 'w1');
  t.is(workerName('host-24928'), 'host-24928');
  t.is(workerName('s1'), 's1');
  t.is(workerName(workerId('gpu-1', -0x7123456789abcdefn)), 'gpu-1');
});
