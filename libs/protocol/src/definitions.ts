import {
  MOST_RESOURCES,
  type AccountSpec,
  type DefinitionKind,
  type PoolSpec,
  type PoolTemplate,
  type ResourceSpec,
  type Specs,
} from '@drover/core';
import * as z from 'zod';
import { changeSchema } from './changes.js';
import { count, version as v } from './json.js';

/** Accounts, pools and floating resources: definitions that people make by name, and what there is of resources. */

const few = (amounts: object): boolean => Object.keys(amounts).length <= MOST_RESOURCES;
/** Bytes of memory and disk, thousandths of all else. */
const amounts = z.record(z.string(), count).refine(few, { message: `names more than ${MOST_RESOURCES} resources` });
const factors = z
  .record(z.string(), z.number().min(1))
  .refine(few, { message: `names more than ${MOST_RESOURCES} resources` });

const accountFields = {
  weight: z.number().min(0.001).max(1_000),
  guarantee: amounts,
  limit: amounts,
  lend: z.boolean(),
};
const poolFields = {
  policy: z.string(),
  dedicated: z.array(z.string()).nullable(),
  overcommit: factors,
  template: z
    .looseObject({
      resources: amounts,
      labels: z.record(z.string(), z.string()),
      types: z.array(z.string()).nullable(),
    })
    .nullable(),
  warmupMs: z.number().nonnegative(),
  min: count,
  max: count.nullable(),
  idleForMs: z.number().nonnegative().nullable(),
  drainWithinMs: z.number().nonnegative(),
  cooldownMs: z.number().nonnegative(),
  bootWithinMs: z.number().nonnegative(),
  webhook: z.string().nullable(),
  /** Everybody who may read ZooKeeper may read it. */
  webhookSecret: z.string().nullable(),
};
const resourceFields = { total: count };

/** Grows with each change of the definition. */
const revision = count.min(1);
/** `/accounts/<name>`. */
export const accountSchema = z.looseObject({ v, revision, ...accountFields, changedBy: changeSchema });
/** `/pools/<name>`. */
export const poolSchema = z.looseObject({ v, revision, ...poolFields, changedBy: changeSchema });
/** `/resources/<name>`. */
export const resourceSchema = z.looseObject({ v, revision, ...resourceFields, changedBy: changeSchema });

interface Records {
  account: z.output<typeof accountSchema>;
  pool: z.output<typeof poolSchema>;
  resource: z.output<typeof resourceSchema>;
}

const sorted = <T>(by: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(by).sort(([a], [b]) => (a < b ? -1 : 1)));

const templateOf = ({ resources, labels, types }: PoolTemplate): PoolTemplate => ({
  resources: sorted(resources),
  labels: sorted(labels),
  types: types === null ? null : [...types].sort(),
});

const SPECS: { readonly [Kind in DefinitionKind]: (record: Records[Kind]) => Specs[Kind] } = {
  account: ({ weight, guarantee, limit, lend }): AccountSpec => ({
    ...{ weight, guarantee: sorted(guarantee), limit: sorted(limit), lend },
  }),
  pool: ({ dedicated, overcommit, template, ...record }): PoolSpec => ({
    policy: record.policy,
    dedicated: dedicated === null ? null : [...dedicated].sort(),
    overcommit: sorted(overcommit),
    template: template === null ? null : templateOf(template),
    ...{ warmupMs: record.warmupMs, min: record.min, max: record.max, idleForMs: record.idleForMs },
    ...{ drainWithinMs: record.drainWithinMs, cooldownMs: record.cooldownMs, bootWithinMs: record.bootWithinMs },
    ...{ webhook: record.webhook, webhookSecret: record.webhookSecret },
  }),
  resource: ({ total }): ResourceSpec => ({ total }),
};

/** Without fields that a later release wrote. */
export const specOf = <Kind extends DefinitionKind>(kind: Kind, record: Records[Kind]): Specs[Kind] =>
  SPECS[kind](record);

/** Changes of definitions: what a change does not name stays. `ifRevision`: 0 is for one that is not there. */
const name = z.string();
const ifRevision = count.optional();
const force = z.boolean().optional();
/** Fields that are not named are as if nobody had ever said them. */
const replace = z.literal(true).optional();
const partly = <Fields extends z.ZodRawShape>(fields: Fields) => z.looseObject(fields).partial();
const removal = { name, ifRevision, force };
export const definitionRequestSchemas = [
  z.looseObject({ kind: z.literal('set-account'), name, change: partly(accountFields), replace, ifRevision }),
  z.looseObject({ kind: z.literal('set-pool'), name, change: partly(poolFields), replace, ifRevision }),
  z.looseObject({ kind: z.literal('set-resource'), name, change: partly(resourceFields), replace, ifRevision }),
  z.looseObject({ kind: z.literal('remove-account'), ...removal }),
  z.looseObject({ kind: z.literal('remove-pool'), ...removal }),
  z.looseObject({ kind: z.literal('remove-resource'), ...removal }),
  /** `pool`: of this one alone; absent: of all. */
  z.looseObject({ kind: z.literal('show-capacity'), pool: z.string().optional() }),
  /** A part of them by name, behind `after`; absent: from the first on. */
  z.looseObject({ kind: z.literal('show-accounts'), after: z.string().optional() }),
] as const;

/** The outcome of a change of a definition. */
export const definitionReplySchema = z.looseObject({
  name: z.string(),
  ok: z.boolean(),
  /** `created`, `changed`, `unchanged`, `removed`. */
  change: z.string().optional(),
  /** The one that is there. */
  revision: count.optional(),
  /**
   * `revision`: it is not the one that was expected; `unknown`: there is none of that name; `invalid`: the definition would
   * contradict itself, at `field`; absent: see `message`.
   */
  code: z.string().optional(),
  field: z.string().optional(),
  message: z.string().optional(),
  /** It is done, and somebody should know this of it. Absent: nothing. */
  warnings: z.array(z.string()).optional(),
});

/** Of a resource at the workers of a pool: what they have, what is promised of it, and what they say they use of it. */
const amountsOfPool = z.looseObject({ capacity: count, claimed: count, used: count });
export const capacitySchema = z.looseObject({
  /** By name, 100 at most. */
  pools: z.array(z.looseObject({ pool: z.string(), workers: count, resources: z.record(z.string(), amountsOfPool) })),
  poolsLeftOut: count,
  floating: z.array(z.looseObject({ resource: z.string(), total: count, claimed: count })),
  /** Work classes that fit nowhere now, 50 at most. */
  classes: z.array(
    z.looseObject({
      queue: z.string(),
      type: z.string(),
      account: z.string(),
      pool: z.string().nullable(),
      /** Due tasks of it. */
      pending: count,
      /** Since when it fits nowhere, milliseconds since 1970; null: nobody knows. */
      since: z.number().nullable(),
      /** `parked`: it waits for room; `unplaceable`: it fits no worker that there is, even an empty one. */
      state: z.string(),
      /** A code of `why`. */
      reason: z.string(),
      resources: amounts.nullable(),
      /** The conditions as text; null: there are none. */
      where: z.string().nullable(),
      /** Workers that each condition excludes, each by itself, as in `why`. */
      workers: z.looseObject({ total: count, feasible: count, filtered: z.looseObject({}) }),
    }),
  ),
  classesLeftOut: count,
  parkedClasses: count,
  unplaceableTasks: count,
  asOf: z.number(),
});
export type CapacityRecord = z.output<typeof capacitySchema>;

/** An account in use. `share`: its dominant share over its weight; `held`: what its tasks that are out claim. */
export const accountUseSchema = z.looseObject({
  account: z.string(),
  weight: z.number(),
  share: z.number(),
  held: amounts,
  guarantee: amounts,
  limit: amounts,
  /** Due tasks of its queues. */
  pending: count,
});
export const accountPageSchema = z.looseObject({
  accounts: z.array(accountUseSchema),
  /** The next part begins behind this name; null: there is none. */
  next: z.string().nullable(),
});
export type AccountUseRecord = z.output<typeof accountUseSchema>;
