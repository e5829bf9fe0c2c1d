import {
  CLUSTER,
  HOUR,
  NOW,
  scheduler,
  withApi,
  withConnection,
  withStatus,
  worker,
} from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import type { ApiFacts } from '../facts.js';
import { FLEET_CHECKS } from './fleet.js';

testProvoked(FLEET_CHECKS, {
  'few-schedulers': [
    [withStatus({ schedulers: [scheduler('s1', 'node-1')] }), 'warn', /only 1 scheduler/],
    [withConnection({ loopback: true }, withStatus({ schedulers: [scheduler('s1', 'node-1')] })), 'note', /only 1/],
  ],
  'one-host': [
    [
      withStatus({ schedulers: ['s1', 's2', 's3'].map((id) => scheduler(id, 'node-1')) }),
      'warn',
      /s1, s2, s3 run on node-1/,
    ],
  ],
  versions: [
    [withStatus({ workers: [{ ...worker('w1'), version: '0.1.0' }] }), 'warn', /0\.2\.0: s1, s2, s3; 0\.1\.0: w1/],
  ],
  'zone-data': [
    [
      withStatus({
        schedulers: [scheduler('s1', 'a'), { ...scheduler('s2', 'b'), tz: '2025b' }, scheduler('s3', 'c')],
      }),
      'warn',
      /2026a: s1, s3; 2025b: s2/,
    ],
  ],
  'no-workers': [
    [withStatus({ workers: [] }), 'fail', /no worker runs/],
    [withStatus({ workers: [{ ...worker('w1'), state: 'draining' }] }), 'fail', /all 1 workers are draining/],
    [withStatus({ workers: [], tasks: { ...CLUSTER.status.tasks!, pending: 0 } }), 'warn', /no worker runs/],
  ],
  draining: [
    [
      withStatus({
        workers: [worker('w1'), { ...worker('w2'), state: 'draining', out: 0, drainedBy: { at: NOW - 2 * HOUR } }],
      }),
      'warn',
      /w2 is empty, and draining since/,
    ],
  ],
  busy: [[withStatus({ workers: [{ ...worker('w1'), out: 12 }] }), 'warn', /8 of 8 places in use, 5 tasks wait/]],
  'same-name': [
    [
      withStatus({ workers: [worker('w1'), { ...worker('w1'), id: 'w1-2', pid: 3 }] }),
      'warn',
      /w1 runs on node-9 \(process 2\) and node-9 \(process 3\)/,
    ],
  ],
  'abort-grace': [
    [
      withStatus({ workers: [worker('w1'), { ...worker('w2'), abortGraceMs: 5_000 }] }),
      'warn',
      /^w2: --abort-grace is 5\.0 s, and --grace of a scheduler 5\.0 s$/,
    ],
    // Every scheduler may lead next.
    [
      withStatus({ schedulers: [scheduler('s1', 'a'), { ...scheduler('s2', 'b'), graceMs: 1_000 }] }),
      'warn',
      /^w1: --abort-grace is 2\.0 s, and --grace of a scheduler 1\.0 s$/,
    ],
  ],
  'workers-lost': [
    [
      withApi({
        overview: {
          attention: [{ code: 'worker-lost', severity: 'warn', text: 'w3 died' }],
          oldestPendingMs: null,
        } as unknown as ApiFacts['overview'],
      }),
      'warn',
      /w3 died/,
    ],
  ],
});
