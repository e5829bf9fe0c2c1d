import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useKeys } from '../app/keys.js';
import { place, setQuery } from '../app/router.js';
import { useQuery, type Query } from '../data/query.js';
import type { TaskPage, TaskRow } from '../data/types.js';
import { Action } from '../ui/action.js';
import { filterOfIds } from '../ui/bulk.decide.js';
import { openBulk } from '../ui/bulk.js';
import { Empty, Loading, Problem } from '../ui/empty.js';
import { FilterInput } from '../ui/filter-input.js';
import { count, counted } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { Pager, Table } from '../ui/table.js';
import { useGrowth, useReading } from './reading.js';
import { useKnownNames } from './known-names.js';
import { useWalk, useWalkOn } from './walk-on.js';
import { cancelTask, retryTask } from './task-actions.js';
import { ColumnChooser, taskColumns } from './task-columns.js';

const LIMIT = 50;
const TOPICS = ['overview'];

/** Tasks that match a filter; the filter is in the address. */
export default function Tasks(): JSX.Element {
  const { query } = place.value;
  const filter = query.get('q') ?? '';
  const cursor = query.get('cursor');
  const order = query.get('order') === 'oldest' ? 'oldest' : 'newest';
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setMarked(new Set()), [filter, cursor, order]);
  const isReading = useReading();
  const isHeld = marked.size > 0 || isReading;
  const walk = useWalk(`${filter} ${order} ${cursor}`, cursor);
  const page = { q: filter, limit: LIMIT, order, ...(walk.cursor === null ? {} : { cursor: walk.cursor }) } as const;
  const list = useQuery('/v1/tasks', page, { topics: TOPICS, held: isHeld });
  const isWalking = useWalkOn(walk, list.data);
  const counted = useQuery('/v1/tasks/count', { q: filter }, { topics: TOPICS });
  const grown = useGrowth(counted.data?.count, isHeld);
  const rows = (list.data?.items ?? []) as readonly TaskRow[];
  useRowKeys(rows);
  const known = useKnownNames();
  return (
    <Page title="Tasks" lead={<Counted counted={counted} filter={filter} />}>
      <div class="task-list">
        <div class="task-bar">
          <FilterInput
            filter={filter}
            known={known}
            onFilter={(q) => setQuery({ q, cursor: null }, { replace: false })}
          />
          <label class="order">
            <span class="hidden">Order</span>
            <select
              value={order}
              onChange={({ currentTarget }) => setQuery({ order: currentTarget.value, cursor: null })}
            >
              <option value="newest">Newest first</option>
              <option value="oldest">Oldest first</option>
            </select>
          </label>
          <ColumnChooser />
        </div>
        {grown > 0 && <MoreRows grown={grown} onShow={list.refresh} />}
        <BulkBar filter={filter} marked={marked} matching={counted.data} onClear={() => setMarked(new Set())} />
        <Rows list={list} isWalking={isWalking} rows={rows} filter={filter} marked={marked} onMarked={setMarked} />
        {list.data !== undefined && (
          <Pager list={list.data} cursor={cursor} onCursor={(next) => setQuery({ cursor: next }, { replace: false })} />
        )}
      </div>
    </Page>
  );
}

/** Rows that came while the list stood still. */
function MoreRows({ grown, onShow }: { grown: number; onShow: () => void }): JSX.Element {
  const show = (): void => {
    scrollTo(0, 0);
    onShow();
  };
  return (
    <button type="button" class="more-rows" onClick={show}>
      {count(grown)} new
    </button>
  );
}

interface CountedProps {
  counted: Query<{ count: number; exact: boolean }>;
  filter: string;
}

function Counted({ counted: { data }, filter }: CountedProps): JSX.Element {
  if (data === undefined) return <>&nbsp;</>;
  return (
    <>
      {data.exact ? '' : '≥ '}
      <b data-testid="task-count" data-count={data.count}>
        {count(data.count)}
      </b>{' '}
      {data.count === 1 ? 'task' : 'tasks'}
      {filter === '' ? ' that are kept' : data.count === 1 ? ' matches' : ' match'}
    </>
  );
}

interface BulkBarProps {
  filter: string;
  marked: ReadonlySet<string>;
  matching: { count: number; exact: boolean } | undefined;
  onClear: () => void;
}

/** Actions on the rows that are marked, or on all that match. */
function BulkBar({ filter, marked, matching, onClear }: BulkBarProps): JSX.Element {
  const isMarked = marked.size > 0;
  const of = isMarked ? filterOfIds([...marked]) : filter;
  const what = isMarked ? `${count(marked.size)} selected` : 'all that match';
  const isNothing = !isMarked && (matching?.count ?? 0) === 0;
  return (
    <div class="bulk-bar">
      <Action
        permission="operate"
        action="bulk"
        icon="again"
        disabled={isNothing}
        onClick={() => openBulk({ action: 'retry', filter: of })}
      >
        Retry {what}
      </Action>
      <Action
        permission="operate"
        action="bulk"
        icon="stop"
        disabled={isNothing}
        onClick={() => openBulk({ action: 'cancel', filter: of })}
      >
        Cancel {what}
      </Action>
      {isMarked && (
        <>
          <button type="button" class="quiet" onClick={onClear}>
            Clear the selection
          </button>
          <span class="muted small">
            The list stands still while {counted(marked.size, 'row')} {marked.size === 1 ? 'is' : 'are'} selected.
          </span>
        </>
      )}
    </div>
  );
}

interface RowsProps {
  list: Query<TaskPage>;
  /** Nothing was found so far, and there is more to search through. */
  isWalking: boolean;
  rows: readonly TaskRow[];
  filter: string;
  marked: ReadonlySet<string>;
  onMarked: (marked: ReadonlySet<string>) => void;
}

function Rows({ list, isWalking, rows, filter, marked, onMarked }: RowsProps): JSX.Element {
  if (list.error !== undefined && list.data === undefined) return <Problem error={list.error} onRetry={list.refresh} />;
  if (list.data === undefined || isWalking) return <Loading text="Looking for tasks" />;
  const onMark = (id: string, isMarked: boolean): void => {
    const next = new Set(marked);
    if (isMarked) next.add(id);
    else next.delete(id);
    onMarked(next);
  };
  return (
    <>
      {list.error !== undefined && <Problem error={list.error} onRetry={list.refresh} />}
      <Table
        caption={filter === '' ? 'Tasks' : `Tasks that match ${filter}`}
        columns={taskColumns()}
        rows={rows}
        rowKey={({ id }) => id}
        rowTo={({ id }) => `/tasks/${encodeURIComponent(id)}`}
        rowTestId="task-row"
        stale={list.stale}
        marking={{
          marked,
          onMark,
          onMarkAll: (areMarked) => onMarked(new Set(areMarked ? rows.map(({ id }) => id) : [])),
        }}
        empty={<NoTasks filter={filter} complete={list.data.complete} />}
      />
    </>
  );
}

function NoTasks({ filter, complete }: { filter: string; complete: boolean }): JSX.Element {
  if (!complete) return <Empty title="Nothing found so far">There is more to search through.</Empty>;
  if (filter !== '')
    return (
      <Empty title="No task matches">
        Finished tasks are kept for a while only.{' '}
        <button type="button" onClick={() => setQuery({ q: null, cursor: null })}>
          Show all tasks
        </button>
      </Empty>
    );
  return (
    <Empty title="No task is kept" command={`drover submit echo --payload '{"hello": "world"}'`}>
      Tasks appear here as soon as they are submitted.
    </Empty>
  );
}

/** `r` and `c` act on the row that has the focus. */
function useRowKeys(rows: readonly TaskRow[]): void {
  const focused = (): TaskRow | undefined => {
    const row = document.activeElement?.closest<HTMLElement>('tr[data-key]');
    return rows.find(({ id }) => id === row?.dataset.key);
  };
  const on = (act: (row: TaskRow) => void) => (): void => {
    const row = focused();
    if (row !== undefined) act(row);
  };
  useKeys({ r: on(retryTask), c: on(cancelTask) });
}
