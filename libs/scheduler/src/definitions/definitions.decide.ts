import {
  changedDefinition,
  definitionOf,
  formatAmount,
  InvalidArgumentError,
  sameDefinition,
  type Amounts,
  type DefinitionKind,
  type Specs,
} from '@drover/core';
import type { AccountUse, FloatingUse, PoolUse } from '@drover/planner';
import { definitionPath, encodeRecord, type ChangeRecord } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';

/** Pure: decides what becomes of accounts, pools and floating resources. */

/** A definition as it is in ZooKeeper. */
export interface Known<Kind extends DefinitionKind = DefinitionKind> {
  readonly kind: Kind;
  readonly name: string;
  readonly revision: number;
  readonly spec: Specs[Kind];
  readonly changedBy: ChangeRecord;
  /** Why its record cannot be read: `CLOSED` stands in for it. Null: it can be read. */
  readonly unreadable: { readonly isNewer: boolean; readonly message: string } | null;
}

/** Of one that cannot be read nobody knows whom it keeps out: it lets nothing start until somebody has mended it. */
export const CLOSED: Readonly<Specs> = {
  account: { ...definitionOf('account').standard, limit: { slots: 0 } },
  pool: { ...definitionOf('pool').standard, dedicated: [] },
  resource: { total: 0 },
};

/** Definitions of a kind: each stands in a record of its own, and in the leader's memory. */
export const MOST: Readonly<Record<DefinitionKind, number>> = { account: 1_000, pool: 100, resource: 100 };

interface Asked<Kind extends DefinitionKind> {
  readonly kind: Kind;
  readonly name: string;
  readonly change: Partial<Specs[Kind]>;
  readonly replace: boolean;
  readonly ifRevision: number | undefined;
}

/** `unchanged`: it says the same already. `conflict`: it is not at the expected revision. `invalid`: it contradicts itself. */
export type Changed<Kind extends DefinitionKind> =
  | { readonly change: 'created' | 'changed'; readonly known: Known<Kind> }
  | { readonly change: 'unchanged' | 'conflict' }
  | { readonly change: 'invalid'; readonly field: string; readonly message: string };

export function changedKnown<Kind extends DefinitionKind>(
  before: Known<Kind> | undefined,
  { kind, name, change, replace, ifRevision }: Asked<Kind>,
  changedBy: ChangeRecord,
): Changed<Kind> {
  const revision = before?.revision ?? 0;
  const base = before?.unreadable === null && !replace ? before.spec : null;
  let spec: Specs[Kind];
  try {
    spec = changedDefinition(kind, base, change);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return { change: 'invalid', field: error.argument, message: error.message };
  }
  const isExpected = ifRevision === undefined || ifRevision === revision;
  const isSame = before?.unreadable === null && sameDefinition<Kind>(before.spec, spec);
  // A request that is carried out again, because its answer was lost, finds what it wrote itself.
  if (isSame && (isExpected || ifRevision === revision - 1)) return { change: 'unchanged' };
  if (!isExpected) return { change: 'conflict' };
  const known = { kind, name, revision: revision + 1, spec, changedBy, unreadable: null };
  return { change: before === undefined ? 'created' : 'changed', known };
}

export function writeOperation({ kind, name, revision, spec, changedBy }: Known, isThere: boolean): Operation {
  const data = encodeRecord(kind, { revision, ...spec, changedBy });
  return { op: isThere ? 'set' : 'create', path: definitionPath(kind, name), data };
}

/** The planner's account of the use of resources, and the guarantees of all accounts that are defined. */
export interface Uses {
  readonly pools: readonly PoolUse[];
  readonly floating: readonly Pick<FloatingUse, 'name' | 'total' | 'claimed'>[];
  readonly accounts: readonly Pick<AccountUse, 'account' | 'held' | 'pending'>[];
  readonly guarantees: ReadonlyMap<string, Amounts>;
}

/** Why it is not removed without force; null: nothing uses it. */
export function whyInUse(
  { kind, name }: Pick<Known, 'kind' | 'name'>,
  { pools, floating, accounts }: Uses,
): string | null {
  switch (kind) {
    case 'account': {
      const { held = {}, pending = 0 } = accounts.find(({ account }) => account === name) ?? {};
      const holds = amountsText(held);
      if (holds === '' && pending === 0) return null;
      return [holds === '' ? '' : `its tasks hold ${holds}`, pending === 0 ? '' : `${pending} tasks of it wait`]
        .filter((part) => part !== '')
        .join(', ');
    }
    case 'pool': {
      const workers = pools.find(({ pool }) => pool === name)?.workers ?? 0;
      return workers === 0 ? null : `${workers} worker${workers === 1 ? ' is' : 's are'} in it`;
    }
    case 'resource': {
      const claimed = floating.find((each) => each.name === name)?.claimed ?? 0;
      return claimed === 0 ? null : `tasks hold ${formatAmount(name, claimed)} of it`;
    }
  }
}

/** Warnings about a definition that is accepted. */
export function warningsOf({ kind, name, spec }: Known, uses: Uses): string[] {
  if (kind === 'account') return accountWarnings(name, spec as Specs['account'], uses);
  if (kind !== 'resource') return [];
  const { total } = spec as Specs['resource'];
  const claimed = uses.floating.find((each) => each.name === name)?.claimed ?? 0;
  if (claimed <= total) return [];
  return [
    `tasks hold ${formatAmount(name, claimed)} of it, more than ${formatAmount(name, total)}: nothing is taken away, and nothing more is given until they have ended`,
  ];
}

function accountWarnings(name: string, { guarantee, limit }: Specs['account'], uses: Uses): string[] {
  const held = uses.accounts.find(({ account }) => account === name)?.held ?? {};
  const above = Object.entries(limit).filter(([each, most]) => (held[each] ?? 0) > most);
  const totals = totalsOf(uses);
  const guarantees = new Map(uses.guarantees).set(name, guarantee);
  const sums = Object.keys(guarantee).map((each): [string, number] => [
    each,
    [...guarantees.values()].reduce((sum, amounts) => sum + (amounts[each] ?? 0), 0),
  ]);
  return [
    ...above.map(
      ([each, most]) =>
        `its tasks hold ${each}=${formatAmount(each, held[each] ?? 0)}, more than the limit ${each}=${formatAmount(each, most)}: nothing is taken away, and nothing more is given until they have ended`,
    ),
    ...sums
      .filter(([each, sum]) => sum > (totals[each] ?? 0))
      .map(
        ([each, sum]) =>
          `accounts are guaranteed ${each}=${formatAmount(each, sum)} together, and there is ${each}=${formatAmount(each, totals[each] ?? 0)}: each has its part of that`,
      ),
  ];
}

/** Of all workers, and of the whole system. */
function totalsOf({ pools, floating }: Uses): Readonly<Record<string, number>> {
  const totals: Record<string, number> = Object.fromEntries(floating.map(({ name, total }) => [name, total]));
  for (const { resources } of pools)
    for (const [name, { capacity }] of Object.entries(resources)) totals[name] = (totals[name] ?? 0) + capacity;
  return totals;
}

const amountsText = (amounts: Amounts): string =>
  Object.entries(amounts)
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${name}=${formatAmount(name, amount)}`)
    .join(',');
