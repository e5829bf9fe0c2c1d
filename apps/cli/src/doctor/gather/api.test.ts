import test from 'ava';
import { readMetrics } from './api.js';

test('series of Drover are read, and garbage is not', (t) => {
  const metrics = readMetrics(
    '# HELP x y\ndrover_a 1\ndrover_b{le="0.05"} 2.5e3\nnodejs_c 3\ndrover_d{le="+Inf"} +Inf\ngarbage',
  );
  t.deepEqual(
    [...metrics],
    [
      ['drover_a', 1],
      ['drover_b{le="0.05"}', 2_500],
      ['drover_d{le="+Inf"}', Infinity],
    ],
  );
});
