import CliTable from 'cli-table3';
import type { Colors } from '../terminal/colors.js';

export type Cell = string | number;
export interface Column {
  head: string;
  align?: 'left' | 'right';
}

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Columns without lines between them, as `ps` has them: made for eyes, and for `grep` and `awk` too. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], colors: Colors): string {
  const table = new CliTable({
    head: columns.map(({ head }) => colors.bold(head.toUpperCase())),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return trimLines(table.toString());
}

/** `Label  value` lines, the labels in one column. */
export function renderFields(fields: readonly (readonly [label: string, value: string])[], colors: Colors): string {
  const width = Math.max(...fields.map(([label]) => label.length));
  const indent = ' '.repeat(width + 2);
  return fields
    .map(([label, value]) => `${colors.dim(label.padEnd(width))}  ${value.replaceAll('\n', `\n${indent}`)}`)
    .join('\n');
}

const trimLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
