import { inOneLine } from '@drover/core';
import stringWidth from 'string-width';
import { betweenColors, type Colors } from '../terminal/colors.js';
import { cutTo, fitColumns, type Extent } from './fit.js';

/** A number is shown as it is; text in one line, whatever it holds. */
export type Cell = string | number;
export interface Column {
  head: string;
  align?: 'left' | 'right';
  /** On a terminal that is too narrow it is cut, down to so many characters. Its cells must not be painted. */
  least?: number;
  /** If that is not enough, columns with the highest number are omitted first. */
  leaveOut?: number;
  /**
   * Left out where all its cells are empty or '-'; in a stream only on a terminal, by the rows that made the layout.
   */
  optional?: boolean;
  /** Applied to the text after it was cut. */
  paint?: (text: string) => string;
}

const GAP = '  ';

/**
 * Columns without lines between them, as `ps` has them: made for eyes, and for `grep` and `awk` too. `width`: of the
 * terminal; without one nothing is cut.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  colors: Colors,
  width = Infinity,
): string {
  const layout = layoutOf(columns, rows, width, true);
  return [headLine(columns, layout, colors), ...rows.map((row) => renderRow(columns, layout, row))].join('\n');
}

/** Rows as they come: the first `ROWS_FOR_LAYOUT` decide how wide the columns are. */
export class TableStream {
  readonly #columns: readonly Column[];
  readonly #colors: Colors;
  readonly #width: number;
  #held: (readonly Cell[])[] = [];
  #layout: Layout | null = null;

  constructor(columns: readonly Column[], colors: Colors, width = Infinity) {
    this.#columns = columns;
    this.#colors = colors;
    this.#width = width;
  }

  /** The lines that can be shown now. */
  add(row: readonly Cell[]): string[] {
    if (this.#layout !== null) return [renderRow(this.#columns, this.#layout, row)];
    this.#held.push(row);
    return this.#held.length < ROWS_FOR_LAYOUT ? [] : this.end();
  }

  /** The lines that were held back; none where there was no row. */
  end(): string[] {
    if (this.#layout !== null || this.#held.length === 0) return [];
    const layout = layoutOf(this.#columns, this.#held, this.#width, false);
    const lines = this.#held.map((row) => renderRow(this.#columns, layout, row));
    this.#layout = layout;
    this.#held = [];
    return [headLine(this.#columns, layout, this.#colors), ...lines];
  }
}

const ROWS_FOR_LAYOUT = 100;

interface Layout {
  /** The width of each column; `null`: it is left out. */
  widths: readonly (number | null)[];
  /** Whether cells are cut to them. */
  cut: boolean;
}

function layoutOf(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  allRowsKnown: boolean,
): Layout {
  const cut = width !== Infinity;
  const shown = columns.flatMap(({ optional }, i) =>
    optional === true && (cut || allRowsKnown) && rows.every((row) => isEmpty(row[i])) ? [] : [i],
  );
  const extents = shown.map((i) =>
    extentOf(
      columns[i],
      rows.map((row) => textOf(row[i])),
    ),
  );
  const fitting = cut ? fitColumns(extents, width, GAP.length) : extents.map(({ natural }) => natural);
  return { widths: columns.map((_, i) => fitting[shown.indexOf(i)] ?? null), cut };
}

const isEmpty = (cell: Cell | undefined): boolean => cell === undefined || cell === '' || cell === '-';

function extentOf(column: Column | undefined, texts: readonly string[]): Extent {
  const head = stringWidth(column?.head ?? '');
  const natural = texts.reduce((most, text) => Math.max(most, stringWidth(text)), head);
  const least = column?.least;
  return { natural, least: least === undefined ? undefined : Math.max(least, head), leaveOut: column?.leaveOut };
}

function headLine(columns: readonly Column[], layout: Layout, colors: Colors): string {
  const heads = columns.map(({ head, align, least }) => ({ head, align, least, paint: colors.bold }) as Column);
  return renderRow(
    heads,
    layout,
    heads.map(({ head }) => head.toUpperCase()),
  );
}

/** Rows after those that made the layout may be wider; where they are not cut they stick out. */
function renderRow(columns: readonly Column[], { widths, cut }: Layout, row: readonly Cell[]): string {
  const cells: string[] = [];
  columns.forEach(({ align, least, paint = asIs }, i) => {
    const width = widths[i];
    if (width === null || width === undefined) return;
    const text = cut && least !== undefined ? cutTo(textOf(row[i]), width) : textOf(row[i]);
    const padding = ' '.repeat(Math.max(width - stringWidth(text), 0));
    const painted = text === '' ? '' : paint(text);
    cells.push(align === 'right' ? padding + painted : painted + padding);
  });
  return cells.join(GAP).trimEnd();
}

const asIs = (text: string): string => text;
const textOf = (cell: Cell | undefined): string => betweenColors(String(cell ?? ''), inOneLine);

/** `Label  value` lines, the labels in one column. */
export function renderFields(fields: readonly (readonly [label: string, value: string])[], colors: Colors): string {
  const width = Math.max(...fields.map(([label]) => label.length));
  const indent = ' '.repeat(width + 2);
  return fields
    .map(([label, value]) => `${colors.dim(label.padEnd(width))}  ${value.replaceAll('\n', `\n${indent}`)}`)
    .join('\n');
}
