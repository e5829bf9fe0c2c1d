import Table from 'cli-table3';
import type { Results } from './results.js';
import type { Comparison } from './compare.js';
import { isMet, type Figure } from './figures/figure.js';

/** The tables, for a terminal. */
export function resultTables(results: Results): string {
  const parts: string[] = [];
  const print = (text: string): void => void parts.push(text);
  for (const { servers, rows, figures } of results.ensembles) {
    print(`ZooKeeper, ${servers === 1 ? 'one server' : `${servers} servers`}`);
    if (rows.length > 0) print(comparisonTable(rows));
    if (figures.length > 0) print(figureTable(figures));
  }
  if (results.peers !== null) {
    print('Queues that people know');
    print(comparisonTable(results.peers.rows));
    for (const reason of results.peers.leftOut) print(`left out: ${reason}`);
  }
  if (results.figures.length > 0) print(figureTable(results.figures));
  for (const { name, xName, points } of results.curves) {
    const table = new Table({ head: [xName, 'tasks/s'], style: { head: [], border: [] } });
    for (const { x, tasksPerSecond } of points) table.push([format(x), format(tasksPerSecond)]);
    print(`${name}\n${table.toString()}`);
  }
  return parts.join('\n');
}

function comparisonTable(rows: readonly Comparison[]): string {
  const head = ['', 'tasks/s', 'from', 'to', 'single p50 ms', 'p99 ms', 'durable'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const {
    name,
    tasksPerSecond: { median, min, max },
    singleMs: { p50, p99 },
    durability,
  } of rows)
    table.push([name, format(median), format(min), format(max), format(p50), format(p99), durability]);
  return table.toString();
}

function figureTable(figures: readonly Figure[]): string {
  const table = new Table({ head: ['', 'measured', 'target', ''], style: { head: [], border: [] } });
  for (const figure of figures)
    table.push([figure.name, `${format(figure.value)} ${figure.unit}`.trim(), targetOf(figure), verdictOf(figure)]);
  return table.toString();
}

export function targetOf({ target }: Figure): string {
  if (target === null) return '';
  return 'atLeast' in target ? `>= ${format(target.atLeast)}` : `<= ${format(target.atMost)}`;
}

export function verdictOf(figure: Figure): string {
  const met = isMet(figure);
  return met === null ? '' : met ? 'met' : 'missed';
}

/** Three significant digits are as many as such figures have. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const rounded = Math.abs(value) >= 1_000 ? Number(value.toPrecision(3)) : Number(value.toFixed(digits));
  return rounded.toLocaleString('en-US');
}
