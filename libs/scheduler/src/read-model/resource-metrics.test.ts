import test from 'ava';
import type { Samples } from '@drover/observability';
import type { TermView } from './term-view.js';
import { sampleResources } from './resource-metrics.js';

test('resources are told in ones and bytes; floating ones have no pool; the accounts beyond a hundred are one', (t) => {
  const told = new Map<string, number>();
  const samples = {
    number: (name: string, labels: object, value: number) =>
      void told.set(`${name} ${Object.values(labels).join(' ')}`.trim(), value),
  } as unknown as Samples;
  const planner = {
    poolUses: () => [
      {
        ...{ pool: 'batch', workers: 2 },
        resources: {
          cpu: { capacity: 12_000, claimed: 1_500, used: 500 },
          memory: { capacity: 1_024, claimed: 512, used: 0 },
        },
      },
    ],
    floatingUses: () => [{ name: 'licence.x', total: 20_000, claimed: 3_000 }],
    accountUses: () => Array.from({ length: 102 }, (_, n) => ({ account: `a${n}`, share: 0.25, held: {}, pending: 0 })),
    stuckClasses: () => ({ shown: [], leftOut: 7, parked: 4, unplaceableTasks: 9 }),
    preemptedTotals: () => ({ priority: 2, reclaim: 0 }),
    placedTotals: () => new Map([['batch', 5]]),
  };
  sampleResources({ planner } as unknown as Pick<TermView, 'planner'>, samples);
  const accounts = [...told].filter(([name]) => name.startsWith('drover_account_share'));
  t.deepEqual([accounts.length, accounts.at(-1)?.[1]], [101, 0.5]);
  t.deepEqual(Object.fromEntries([...told].filter(([name]) => !name.startsWith('drover_account_share'))), {
    'drover_resource_capacity batch cpu': 12,
    'drover_resource_claimed batch cpu': 1.5,
    'drover_resource_used batch cpu': 0.5,
    'drover_resource_capacity batch memory': 1_024,
    'drover_resource_claimed batch memory': 512,
    'drover_resource_used batch memory': 0,
    'drover_resource_capacity  licence.x': 20,
    'drover_resource_claimed  licence.x': 3,
    drover_parked_classes: 4,
    drover_unplaceable_tasks: 9,
    'drover_placements_total batch': 5,
    'drover_preempted_total priority': 2,
    'drover_preempted_total reclaim': 0,
  });
});
