import { API, HOUR, NOW, queue, withApi, withStatus } from '../../../test/doctor/healthy.js';
import { testProvoked } from '../../../test/doctor/provoked.js';
import type { ApiFacts } from '../facts.js';
import { FLOW_CHECKS } from './flow.js';

testProvoked(FLOW_CHECKS, {
  'unserved-types': [
    [withStatus({ unservedTypes: ['resize'] }), 'fail', /'resize': no worker offers it \(they offer echo\)/],
    [
      {
        ...withStatus({ unservedTypes: ['resize'], workers: [] }),
        api: {
          ...API,
          overview: {
            attention: [{ code: 'type-unserved', severity: 'warn', text: '', type: 'resize', pending: 412 }],
            oldestPendingMs: null,
          } as unknown as ApiFacts['overview'],
        },
      },
      'fail',
      /412 tasks wait, no worker offers it \(no worker runs\)/,
    ],
  ],
  'paused-queues': [
    [
      withStatus({
        queues: [
          queue('mail', {
            paused: true,
            pending: 90,
            pausedBy: { by: 'ada', reason: 'provider down', at: NOW - HOUR },
          }),
        ],
      }),
      'warn',
      /mail: 90 tasks wait; paused by ada: provider down/,
    ],
  ],
  'oldest-wait': [
    [
      withApi({ overview: { attention: [], oldestPendingMs: HOUR } as unknown as ApiFacts['overview'] }),
      'warn',
      /60m 0s|1h 0m/,
    ],
  ],
  failing: [
    [
      withApi({
        failures: [
          {
            ...{ type: 'send', error: 'Error', message: 'refused', count: 90, first: NOW, last: NOW },
            examples: [],
            queues: ['mail'],
            workers: [],
            perMinute: [...Array<number>(50).fill(0), ...Array<number>(10).fill(5)],
          },
        ],
      }),
      'warn',
      /send in mail: 50 times in ten minutes, Error: refused/,
    ],
  ],
  intake: [
    [withStatus({ intake: { open: false, code: 'tasks', reason: 'too many tasks' } }), 'fail', /too many tasks/],
  ],
  'full-queues': [
    [withStatus({ queues: [queue('a', { full: true, unfinished: 50 })] }), 'warn', /a: 50 tasks are unfinished/],
    [withStatus({ queues: [queue('a', { fullTenants: 2 })] }), 'warn', /submits of 2 tenants are refused/],
  ],
  'fires-held': [[withStatus({ firesHeld: { code: 'skew', reason: 'clocks disagree' } }), 'fail', /clocks disagree/]],
  'retention-behind': [
    [withStatus({ removalDueSince: NOW - HOUR }), 'warn', /^a finished batch is to be removed since (60m 0s|1h 0m)$/],
    [withStatus({ removalsRefused: 2_000 }), 'warn', /^ZooKeeper refused to remove 2,000 of them$/],
  ],
  'undeclared-limits': [[withStatus({ undeclaredLimits: ['stripe'] }), 'warn', /^stripe$/]],
});
