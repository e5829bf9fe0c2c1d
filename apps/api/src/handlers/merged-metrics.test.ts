import test from 'ava';
import { mergedMetrics } from './merged-metrics.js';

test('each metric comes from the thread that counts it, once', (t) => {
  const scheduler =
    '# HELP drover_epoch E\n# TYPE drover_epoch gauge\ndrover_epoch 7\n\n# HELP drover_api_waits W\n# TYPE drover_api_waits gauge\ndrover_api_waits 0\n';
  const api =
    '# HELP drover_epoch E\n# TYPE drover_epoch gauge\ndrover_epoch 0\n\n# HELP drover_api_waits W\n# TYPE drover_api_waits gauge\ndrover_api_waits 3\n';
  t.is(
    mergedMetrics(scheduler, api),
    '# HELP drover_epoch E\n# TYPE drover_epoch gauge\ndrover_epoch 7\n\n# HELP drover_api_waits W\n# TYPE drover_api_waits gauge\ndrover_api_waits 3\n',
  );
});
