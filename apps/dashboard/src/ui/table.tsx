import type { ComponentChildren, JSX } from 'preact';
import { Link } from '../app/router.js';
import { count } from './format.js';
import { Icon } from './icon.js';

export interface Column<Row> {
  head: string;
  /** Explains the head. */
  title?: string;
  cell: (row: Row) => ComponentChildren;
  align?: 'end';
  /** The cell that opens the row; on narrow screens the head of its card. */
  main?: boolean;
  /** Left out on screens of middle width. */
  wide?: boolean;
  /** As wide as its card, on narrow screens. */
  full?: boolean;
}

/** Rows that the user has marked. */
export interface Marking {
  marked: ReadonlySet<string>;
  onMark: (key: string, isMarked: boolean) => void;
  onMarkAll: (areMarked: boolean) => void;
}

interface TableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  rowTo?: (row: Row) => string;
  rowTestId?: string | ((row: Row) => string);
  rowTone?: (row: Row) => 'bad' | 'warn' | undefined;
  marking?: Marking | undefined;
  /** Instead of a table without rows. */
  empty?: ComponentChildren;
  /** The rows are old. */
  stale?: boolean;
}

/** A table; on narrow screens a card for each row. */
export function Table<Row>(props: TableProps<Row>): JSX.Element {
  const { caption, columns, rows, rowKey, marking, empty, stale = false } = props;
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <div class={stale ? 'table-frame stale' : 'table-frame'}>
      <table role="table">
        <caption class="hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {marking !== undefined && <MarkAll rows={rows.map(rowKey)} marking={marking} />}
            {columns.map((column) => (
              <th key={column.head} role="columnheader" scope="col" class={classOf(column)} title={column.title}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <Row key={rowKey(row)} row={row} {...props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<Row>({ align, main, wide, full }: Column<Row>): string | undefined {
  return (
    [align === 'end' && 'end', main === true && 'main', wide === true && 'wide', full === true && 'full']
      .filter(Boolean)
      .join(' ') || undefined
  );
}

function Row<Row>({
  row,
  columns,
  rowKey,
  rowTo,
  rowTestId,
  rowTone,
  marking,
}: TableProps<Row> & { row: Row }): JSX.Element {
  const key = rowKey(row);
  const isMarked = marking?.marked.has(key) ?? false;
  const testId = typeof rowTestId === 'function' ? rowTestId(row) : rowTestId;
  return (
    <tr
      role="row"
      class={[isMarked && 'marked', rowTone?.(row)].filter(Boolean).join(' ') || undefined}
      data-testid={testId}
      data-key={key}
    >
      {marking !== undefined && (
        <td role="cell" class="mark">
          <label>
            <input
              type="checkbox"
              checked={isMarked}
              aria-label={`Select ${key}`}
              onChange={({ currentTarget }) => marking.onMark(key, currentTarget.checked)}
            />
          </label>
        </td>
      )}
      {columns.map((column) => (
        <td key={column.head} role="cell" class={classOf(column)} data-head={column.head}>
          {column.main === true && rowTo !== undefined ? (
            <Link to={rowTo(row)} data-row="">
              {column.cell(row)}
            </Link>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}

function MarkAll({ rows, marking }: { rows: readonly string[]; marking: Marking }): JSX.Element {
  const isAll = rows.length > 0 && rows.every((key) => marking.marked.has(key));
  return (
    <th role="columnheader" scope="col" class="mark">
      <label>
        <input
          type="checkbox"
          checked={isAll}
          aria-label="Select all rows of this page"
          onChange={({ currentTarget }) => marking.onMarkAll(currentTarget.checked)}
        />
      </label>
    </th>
  );
}

interface PagerProps {
  list: { next: string | null; complete: boolean; items: readonly unknown[]; total?: number | undefined };
  /** The cursor of the page that is shown; null: the first one. */
  cursor: string | null;
  onCursor: (cursor: string | null) => void;
}

/** Pages of a list are reached one after the other; the first one is always one step away. */
export function Pager({ list, cursor, onCursor }: PagerProps): JSX.Element | null {
  if (cursor === null && list.next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {cursor !== null && (
        <button type="button" onClick={() => onCursor(null)}>
          <Icon name="left" />
          First page
        </button>
      )}
      <span class="muted">
        {count(list.items.length)} shown{list.complete ? '' : ', more may match'}
      </span>
      {list.next !== null && (
        <button type="button" data-testid="next-page" onClick={() => onCursor(list.next)}>
          {list.complete ? 'Next page' : 'Search on'}
          <Icon name="right" />
        </button>
      )}
    </nav>
  );
}
