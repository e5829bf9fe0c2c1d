import { isInBytes, UNIT } from '@drover/core';
import type { Samples } from '@drover/observability';
import { grouped } from './grouped.js';
import type { TermView } from './term-view.js';

/** Resources of the workers, claims of tasks and accounts on them, and work that fits nowhere. */
export function sampleResources({ planner }: Pick<TermView, 'planner'>, samples: Samples): void {
  const pools = planner.poolUses();
  for (const [pool, some] of grouped(pools.map((each) => [each.pool, each.resources] as const)))
    for (const resource of new Set(some.flatMap((resources) => Object.keys(resources))))
      for (const [name, field] of AMOUNTS) {
        const amount = some.reduce((sum, resources) => sum + (resources[resource]?.[field] ?? 0), 0);
        samples.number(name, { pool, resource }, inOnes(resource, amount));
      }
  for (const { name: resource, total, claimed } of planner.floatingUses()) {
    samples.number('drover_resource_capacity', { pool: '', resource }, inOnes(resource, total));
    samples.number('drover_resource_claimed', { pool: '', resource }, inOnes(resource, claimed));
  }
  for (const [account, shares] of grouped(planner.accountUses().map((use) => [use.account, use.share] as const)))
    samples.number(
      'drover_account_share',
      { account },
      shares.reduce((sum, share) => sum + share, 0),
    );
  const { parked, unplaceableTasks } = planner.stuckClasses(0);
  samples.number('drover_parked_classes', {}, parked);
  samples.number('drover_unplaceable_tasks', {}, unplaceableTasks);
  for (const [reason, count] of Object.entries(planner.preemptedTotals()))
    samples.number('drover_preempted_total', { reason }, count);
  for (const [pool, counts] of grouped(planner.placedTotals()))
    samples.number(
      'drover_placements_total',
      { pool },
      counts.reduce((sum, count) => sum + count, 0),
    );
}

const AMOUNTS = [
  ['drover_resource_capacity', 'capacity'],
  ['drover_resource_claimed', 'claimed'],
  ['drover_resource_used', 'used'],
] as const;

/** Amounts are bytes, or thousandths. */
const inOnes = (resource: string, amount: number): number => (isInBytes(resource) ? amount : amount / UNIT);
