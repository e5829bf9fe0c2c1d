import { definitionOf, formatWhere } from '@drover/core';
import type { StuckClass } from '@drover/planner';
import type { AccountUseRecord, CapacityRecord, CommandAnswer } from '@drover/protocol';
import type { Definitions } from './definitions.js';

/** Pools, classes and accounts that one answer names. */
const SHOWN_POOLS = 100;
const SHOWN_CLASSES = 50;
const SHOWN_ACCOUNTS = 100;

/** Resources of each pool, and work that fits nowhere. `pool`: of this one alone. */
export function capacityOf(
  { planner }: Pick<Definitions, 'planner'>,
  pool: string | undefined,
  asOf: number,
): CapacityRecord {
  const pools = planner.poolUses().filter((each) => pool === undefined || each.pool === pool);
  const classes = planner.stuckClasses(SHOWN_CLASSES);
  return {
    pools: [...pools]
      .sort((a, b) => (a.pool < b.pool ? -1 : 1))
      .slice(0, SHOWN_POOLS)
      .map(({ resources, ...each }) => ({ ...each, resources: { ...resources } })),
    poolsLeftOut: Math.max(0, pools.length - SHOWN_POOLS),
    floating: planner.floatingUses().map(({ name, total, claimed }) => ({ resource: name, total, claimed })),
    classes: classes.shown.filter((each) => pool === undefined || (each.pool ?? pool) === pool).map(classRecord),
    classesLeftOut: classes.leftOut,
    parkedClasses: classes.parked,
    unplaceableTasks: classes.unplaceableTasks,
    asOf,
  };
}

function classRecord({ sinceMs, resources, where, workers, ...stuck }: StuckClass): CapacityRecord['classes'][number] {
  return {
    ...stuck,
    since: sinceMs,
    resources: resources === null ? null : { ...resources },
    where: where === null ? null : formatWhere(where),
    workers: { ...workers, filtered: { ...workers.filtered } },
  };
}

/** The accounts behind `after` by name. */
export function accountPage(
  definitions: Definitions,
  after: string | undefined,
): NonNullable<CommandAnswer['accounts']> {
  const all = accountUses(definitions).filter(({ account }) => after === undefined || account > after);
  const accounts = all.slice(0, SHOWN_ACCOUNTS);
  return { accounts, next: all.length > SHOWN_ACCOUNTS ? (accounts.at(-1)?.account ?? null) : null };
}

/** All that are in use, and all that are defined, by name. */
function accountUses(definitions: Definitions): AccountUseRecord[] {
  const defined = definitions.all('account');
  const uses = new Map(definitions.planner.accountUses().map((use) => [use.account, use]));
  const names = [...new Set([...defined.keys(), ...uses.keys()])].sort();
  return names.map((account) => {
    const { weight, guarantee, limit } = defined.get(account)?.spec ?? definitionOf('account').standard;
    const { share = 0, held = {}, pending = 0 } = uses.get(account) ?? {};
    return { account, weight, share, held: { ...held }, guarantee: { ...guarantee }, limit: { ...limit }, pending };
  });
}
