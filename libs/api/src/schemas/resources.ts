import * as z from 'zod';
import { change, count, instant } from './common.js';
import { definitionReply } from './definitions.js';

/** Accounts, pools and floating resources. Amounts are in the units that people write: `1.5`, and `"8GiB"`. */
const amount = z.union([z.number(), z.string()]);
const amounts = z.record(z.string(), amount);

const defined = <Spec extends z.ZodType>(spec: Spec) =>
  z.object({ name: z.string(), revision: count, spec, changedBy: change });

const accountSpec = z.object({ weight: z.number(), guarantee: amounts, limit: amounts, lend: z.boolean() });
export const account = defined(accountSpec);
/**
 * An account that is defined or owns a queue. Revision 0: nobody has defined it. Share, held and pending are null without a leader,
 * and for those who do not see all queues.
 */
export const accountUse = z.object({
  account: z.string(),
  revision: count,
  spec: accountSpec.nullable(),
  changedBy: change.nullable(),
  weight: z.number(),
  guarantee: amounts,
  limit: amounts,
  share: z.number().nullable(),
  held: amounts.nullable(),
  pending: count.nullable(),
});
export const pool = defined(
  z.object({
    policy: z.string(),
    dedicated: z.array(z.string()).nullable(),
    overcommit: z.record(z.string(), z.number()),
    template: z
      .object({
        resources: amounts,
        labels: z.record(z.string(), z.string()),
        types: z.array(z.string()).nullable(),
      })
      .nullable(),
    warmup: z.string(),
    min: count,
    max: count.nullable(),
    idleFor: z.string().nullable(),
    drainWithin: z.string(),
    cooldown: z.string(),
    bootWithin: z.string(),
    webhook: z.string().nullable(),
  }),
);
export const resource = defined(z.object({ total: z.number() }));

/** As the client library takes it, which says what is wrong with it. */
export const definitionInput = z.looseObject({});
export const warnedReply = definitionReply.extend({ warnings: z.array(z.string()) });

const ofPool = z.object({ capacity: amount, claimed: amount, used: amount, free: amount });
export const capacity = z.object({
  pools: z.array(z.object({ pool: z.string(), workers: count, resources: z.record(z.string(), ofPool) })),
  poolsLeftOut: count,
  floating: z.array(z.object({ resource: z.string(), total: z.number(), claimed: z.number(), free: z.number() })),
  classes: z.array(
    z.object({
      queue: z.string(),
      type: z.string(),
      account: z.string(),
      pool: z.string().nullable(),
      pending: count,
      since: instant.nullable(),
      state: z.string(),
      reason: z.string(),
      resources: amounts.nullable(),
      where: z.string().nullable(),
      workers: z.object({ total: count, feasible: count, filtered: z.looseObject({}) }),
    }),
  ),
  classesLeftOut: count,
  parkedClasses: count,
  unplaceableTasks: count,
  asOf: instant,
});
