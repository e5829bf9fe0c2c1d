import { API, CLUSTER, HEALTHY, NOW, withApi, withStatus } from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import { LEADER_CHECKS } from './leader.js';

testProvoked(LEADER_CHECKS, {
  'no-leader': [
    [withStatus({ leader: null }), 'fail', /3 schedulers run, and none leads/],
    [withStatus({ leader: null, schedulers: [] }), 'fail', /no scheduler runs/],
  ],
  'leader-hangs': [
    [
      { ...HEALTHY, cluster: { ...CLUSTER, countedAt: NOW - 20_000 } },
      'fail',
      /s1 wrote its counts 20\.0 s ago, while tasks wait/,
    ],
    [{ ...HEALTHY, cluster: { ...CLUSTER, countedAt: null } }, 'fail', /s1 has written no counts/],
    [withApi({ replicas: [{ ...API.replicas[0]!, livez: 503 }] }), 'fail', /main thread does not turn/],
  ],
  'leader-reading': [[withStatus({ complete: false }), 'warn', /s1 is still reading/]],
  takeovers: [
    [
      withApi({
        election: {
          ...{ epoch: 7, leader: 's1', since: NOW },
          changes: [1, 2, 3, 4].map((n) => ({
            epoch: n,
            leader: 's1',
            at: NOW - n,
            leaderlessMs: 1,
            takeoverMs: 1,
            reason: null,
          })),
        },
      }),
      'warn',
      /4 changes/,
    ],
  ],
  'slow-plans': [
    [
      withApi({
        metrics: new Map([
          ['drover_plan_seconds_count', 100],
          ['drover_plan_seconds_bucket{le="0.05"}', 90],
        ]),
      }),
      'warn',
      /10 of 100 plans/,
    ],
  ],
});
