import type { AccountUse, Capacity, Defined, StuckClass } from '@drover/client';
import {
  type AccountView,
  type DefinitionKind,
  type PoolView,
  type ResourceView,
  type ShownAmounts,
} from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { counted, formatAge, formatCount, showChange } from '../views/format.js';
import { renderTable, type Cell, type Column } from '../views/table.js';

interface Page {
  readonly now: number;
  readonly colors: Colors;
  readonly width: number;
}

/** How accounts, pools and resources look to people. Pure. */
export function showDefinitions(kind: DefinitionKind, all: readonly Defined<object>[], page: Page): string {
  const { columns, cells } = TABLES[kind];
  const rows = all.map(({ name, revision, spec, changedBy }) => [
    ...[name, ...cells(spec as never)],
    ...[revision, showChange(changedBy, page.now)],
  ]);
  const table: Column[] = [
    { head: kind, least: 12, paint: page.colors.bold },
    ...columns,
    { head: 'revision', align: 'right', leaveOut: 2 },
    { head: 'changed', least: 12, leaveOut: 3 },
  ];
  return renderTable(table, rows, page.colors, page.width);
}

interface Table<View> {
  readonly columns: readonly Column[];
  readonly cells: (view: View) => Cell[];
}

const TABLES: { account: Table<AccountView>; pool: Table<PoolView>; resource: Table<ResourceView> } = {
  account: {
    columns: [
      { head: 'weight', align: 'right' },
      { head: 'guarantee', least: 10 },
      { head: 'limit', least: 10 },
      { head: 'lends', leaveOut: 1 },
    ],
    cells: ({ weight, guarantee, limit, lend }) => [
      weight,
      amountsText(guarantee),
      amountsText(limit),
      lend ? 'yes' : 'no',
    ],
  },
  pool: {
    columns: [
      { head: 'policy' },
      { head: 'dedicated to', least: 8, optional: true },
      { head: 'overcommit', least: 8, optional: true, leaveOut: 1 },
      { head: 'template', least: 10, optional: true, leaveOut: 1 },
      { head: 'workers advised', optional: true, leaveOut: 1 },
      { head: 'warm-up', optional: true, leaveOut: 1 },
      { head: 'webhook', least: 10, optional: true, leaveOut: 1 },
    ],
    cells: ({ policy, dedicated, overcommit, template, min, max, warmup, webhook }) => [
      policy,
      dedicated === null ? '-' : dedicated.join(', ') || 'nobody',
      amountsText(overcommit),
      template === null ? '-' : amountsText(template.resources),
      template === null ? '-' : `${min} to ${max ?? 'any'}`,
      warmup === '0ms' ? '-' : warmup,
      webhook ?? '-',
    ],
  },
  resource: { columns: [{ head: 'total', align: 'right' }], cells: ({ total }) => [total] },
};

const amountsText = (amounts: ShownAmounts): string =>
  Object.entries(amounts)
    .map(([name, amount]) => `${name}=${amount}`)
    .join(',') || '-';

export function showAccounts(uses: readonly AccountUse[], colors: Colors, width: number): string {
  const rows = uses.map(({ account, weight, share, held, guarantee, limit, pending }) => [
    ...[account, weight, `${(share * 100).toFixed(1)}%`],
    ...[amountsText(held), amountsText(guarantee), amountsText(limit), formatCount(pending)],
  ]);
  const columns: Column[] = [
    { head: 'account', least: 12, paint: colors.bold },
    { head: 'weight', align: 'right', leaveOut: 1 },
    { head: 'share', align: 'right' },
    { head: 'held', least: 10 },
    { head: 'guarantee', least: 10, optional: true, leaveOut: 2 },
    { head: 'limit', least: 10, optional: true, leaveOut: 2 },
    { head: 'pending', align: 'right' },
  ];
  return renderTable(columns, rows, colors, width);
}

export function showCapacity(found: Capacity, page: Page): string {
  const { poolsLeftOut, classesLeftOut, classes, parkedClasses, unplaceableTasks } = found;
  const parts = [poolsText(found, page)];
  if (poolsLeftOut > 0) parts.push(page.colors.dim(`and ${counted(poolsLeftOut, 'more pool')}`));
  if (found.floating.length > 0) parts.push('', floatingText(found, page));
  if (classes.length > 0) {
    const unplaceable =
      unplaceableTasks === 0
        ? ''
        : `; ${counted(unplaceableTasks, 'task')} fit${unplaceableTasks === 1 ? 's' : ''} no worker that there is`;
    parts.push(
      '',
      `${counted(parkedClasses, 'kind')} of work wait${parkedClasses === 1 ? 's' : ''} for room${unplaceable}`,
    );
    parts.push(classesText(classes, page));
    if (classesLeftOut > 0) parts.push(page.colors.dim(`and ${formatCount(classesLeftOut)} more`));
  }
  return parts.join('\n');
}

function poolsText({ pools }: Capacity, { colors, width }: Page): string {
  if (pools.length === 0) return colors.dim('no workers');
  const rows = pools.flatMap(({ pool, workers, resources }) =>
    Object.entries(resources).map(([name, { capacity, claimed, used, free }], at) => [
      ...(at === 0 ? [pool, formatCount(workers)] : ['', '']),
      ...[name, capacity, claimed, used, free],
    ]),
  );
  const columns: Column[] = [
    { head: 'pool', least: 10, paint: colors.bold },
    { head: 'workers', align: 'right' },
    { head: 'resource', least: 8 },
    { head: 'capacity', align: 'right' },
    { head: 'claimed', align: 'right' },
    { head: 'used', align: 'right', leaveOut: 1 },
    { head: 'free', align: 'right' },
  ];
  return renderTable(columns, rows, colors, width);
}

function floatingText({ floating }: Capacity, { colors, width }: Page): string {
  const rows = floating.map(({ resource, total, claimed, free }) => [resource, total, claimed, free]);
  const columns: Column[] = [
    { head: 'of all workers', least: 12, paint: colors.bold },
    { head: 'total', align: 'right' },
    { head: 'claimed', align: 'right' },
    { head: 'free', align: 'right' },
  ];
  return renderTable(columns, rows, colors, width);
}

function classesText(classes: readonly StuckClass[], { now, colors, width }: Page): string {
  const rows = classes.map(({ queue, type, pending, since, reason, resources, where, workers }) => [
    ...[queue, type, formatCount(pending), since === null ? '-' : formatAge(since, now), reason],
    ...[resources === null ? '-' : amountsText(resources), where ?? '-', `${workers.feasible} of ${workers.total}`],
  ]);
  const columns: Column[] = [
    { head: 'queue', least: 8 },
    { head: 'type', least: 8 },
    { head: 'tasks', align: 'right' },
    { head: 'for', align: 'right', leaveOut: 2 },
    { head: 'reason', least: 8 },
    { head: 'needs', least: 8, leaveOut: 1 },
    { head: 'where', least: 8, optional: true, leaveOut: 1 },
    { head: 'could run at', leaveOut: 1 },
  ];
  return renderTable(columns, rows, colors, width);
}
