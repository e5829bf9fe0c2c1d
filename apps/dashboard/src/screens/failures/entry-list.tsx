import type { JSX } from 'preact';
import { Link, place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import type { FailureEntry } from '../../data/types.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/empty.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { Shown } from '../shown.js';

const COLUMNS: readonly Column<FailureEntry>[] = [
  { head: 'When', cell: ({ at }) => <Ago at={at} /> },
  { head: 'Task', main: true, cell: ({ task }) => <code>{task}</code> },
  { head: 'Error', cell: ({ error }) => <span class="message">{`${error.name}: ${error.message}`}</span> },
  {
    head: 'Then',
    cell: ({ final }) =>
      final ? (
        <Badge tone="bad" icon="cross">
          failed
        </Badge>
      ) : (
        <Badge tone="warn" icon="again">
          tried again
        </Badge>
      ),
  },
  { head: 'Attempt', align: 'end', wide: true, cell: ({ attempt }) => attempt },
  { head: 'Queue', wide: true, cell: ({ queue }) => <Link to={`/queues/${encodeURIComponent(queue)}`}>{queue}</Link> },
  {
    head: 'Worker',
    wide: true,
    cell: ({ worker }) => (worker === null ? '–' : <Link to={`/workers/${encodeURIComponent(worker)}`}>{worker}</Link>),
  },
];

interface EntryListProps {
  q: string;
  limit: number;
  /** Said where there are none. */
  empty: string;
  /** Further pages can be reached; the cursor is in the address. */
  pages?: boolean;
}

/** Failures one by one, the newest first. */
export function EntryList({ q, limit, empty, pages = false }: EntryListProps): JSX.Element {
  const cursor = pages ? place.value.query.get('cursor') : null;
  const entries = useQuery(
    '/v1/failures',
    { q, limit, ...(cursor === null ? {} : { cursor }) },
    { topics: ['failures'], held: cursor !== null },
  );
  return (
    <Shown of={entries}>
      {(list) => (
        <>
          <Table
            caption="Failures, the newest first"
            rows={list.items}
            columns={COLUMNS}
            rowKey={({ task, attempt, at }) => `${task} ${attempt} ${at}`}
            rowTo={({ task }) => `/tasks/${task}`}
            empty={<Empty title={empty} />}
          />
          {pages && (
            <Pager list={list} cursor={cursor} onCursor={(to) => setQuery({ cursor: to }, { replace: false })} />
          )}
        </>
      )}
    </Shown>
  );
}
