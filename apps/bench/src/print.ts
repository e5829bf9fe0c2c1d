import Table from 'cli-table3';
import type { Comparison } from './compare.js';
import { isMet, type FigureRow } from './figures/figure.js';
import type { Results } from './results.js';
import type { Spread } from './statistics.js';

const TITLES: Readonly<Record<string, string>> = {
  million: 'Many pending tasks',
  workers: 'Many workers',
  idle: 'Nothing to do',
  compute: 'Computing',
  backlog: 'Tasks that share no batch',
  lateness: 'How late the schedules of other queues fire',
  flows: 'Flows of other queues',
  schedules: 'Many schedules',
  order: 'Order of service',
  limits: 'Limits',
  planner: 'The planner alone',
  placement: 'Where tasks go',
  calendar: 'When schedules fire',
  storage: 'What a million tasks need of a ZooKeeper server',
};
export const titleOf = (part: string): string => TITLES[part] ?? part;
export const ensembleTitle = (servers: number): string =>
  `ZooKeeper, ${servers === 1 ? 'one server' : `${servers} servers`}`;

/** The tables, for a terminal. */
export function resultTables(results: Results): string {
  const parts: string[] = [];
  for (const { servers, rows, figures } of results.ensembles) {
    parts.push(ensembleTitle(servers));
    if (rows.length > 0) parts.push(comparisonTable(rows));
    if (figures.length > 0) parts.push(figureTable(figures));
  }
  if (results.peers !== null) {
    parts.push('Queues that people know');
    if (results.peers.rows.length > 0) parts.push(comparisonTable(results.peers.rows));
    for (const reason of results.peers.leftOut) parts.push(`left out: ${reason}`);
  }
  for (const { part, rows } of results.figures) if (rows.length > 0) parts.push(titleOf(part), figureTable(rows));
  for (const { name, xName, points } of results.curves) {
    const table = plainTable([xName, 'tasks/s', 'lowest to highest']);
    for (const { x, tasksPerSecond } of points)
      table.push([format(x), format(tasksPerSecond.median), range(tasksPerSecond)]);
    parts.push(`${name}\n${table.toString()}`);
  }
  for (const { part, reason } of results.failed) parts.push(`FAILED: ${part}: ${reason}`);
  return parts.join('\n');
}

const plainTable = (head: string[]): Table.Table => new Table({ head, style: { head: [], border: [] } });

function comparisonTable(rows: readonly Comparison[]): string {
  const table = plainTable(['', 'tasks/s', 'lowest to highest', 'single p50 ms', 'p99 ms', 'durable']);
  for (const { name, tasksPerSecond: rate, singleMs, durability } of rows)
    table.push([name, format(rate.median), range(rate), withRange(singleMs.p50), withRange(singleMs.p99), durability]);
  return table.toString();
}

function figureTable(figures: readonly FigureRow[]): string {
  const table = plainTable(['', 'measured', 'lowest to highest', 'target', '']);
  for (const row of figures) table.push([row.name, measuredOf(row), spreadText(row), targetOf(row), verdictOf(row)]);
  return table.toString();
}

export const measuredOf = ({ value, unit }: FigureRow): string => `${format(value.median)} ${unit}`.trim();

export const spreadText = ({ value, runs }: FigureRow): string => (runs === 1 ? 'one run' : range(value));

export function targetOf({ target }: FigureRow): string {
  if (target === null) return '';
  return 'atLeast' in target ? `>= ${format(target.atLeast)}` : `<= ${format(target.atMost)}`;
}

export function verdictOf(figure: FigureRow): string {
  const met = isMet(figure);
  return met === null ? '' : met ? 'met' : 'missed';
}

export const range = ({ min, max }: Spread): string => `${format(min)} to ${format(max)}`;

export const withRange = (spread: Spread): string => `${format(spread.median)} (${range(spread)})`;

/** Three significant digits are as many as such figures have. */
export function format(value: number | null): string {
  // JSON has no NaN: what could not be measured comes back as null.
  if (value === null || !Number.isFinite(value)) return '?';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const rounded = Math.abs(value) >= 1_000 ? Number(value.toPrecision(3)) : Number(value.toFixed(digits));
  return rounded.toLocaleString('en-US');
}
