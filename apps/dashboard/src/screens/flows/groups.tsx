import type { Shape } from '@drover/api';
import type { JSX } from 'preact';
import { place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { NameWithId } from '../../ui/name-with-id.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { Shown } from '../shown.js';
import { RunBadge } from './flow-badges.js';

type Group = Shape<'groupSummary'>;

const LIMIT = 50;

const COLUMNS: readonly Column<Group>[] = [
  {
    head: 'Group',
    main: true,
    cell: ({ flow, run }) => <NameWithId name={flow} id={run} />,
  },
  {
    head: 'State',
    cell: ({ state, open }) => (
      <span class="row tight">
        <RunBadge state={state} />
        {open && <Badge tone="info">takes tasks</Badge>}
      </span>
    ),
  },
  { head: 'Types', cell: ({ types }) => types.join(', ') },
  {
    head: 'Tasks',
    align: 'end',
    title: 'Those that have ended, of all that it has',
    cell: ({ done, of }) => (of === null ? `${count(done)} so far` : `${count(done)} of ${count(of)}`),
  },
  {
    head: 'Failed',
    align: 'end',
    cell: ({ failed }) => (failed === 0 ? <span class="muted">0</span> : <b class="bad-text">{count(failed)}</b>),
  },
  { head: 'Opened', align: 'end', cell: ({ startedAt }) => <Ago at={startedAt} /> },
];

/** Groups, the newest first: runs that take tasks while they are open. */
export function Groups(): JSX.Element {
  const cursor = place.value.query.get('cursor');
  const list = useQuery('/v1/groups', { limit: LIMIT, ...(cursor === null ? {} : { cursor }) }, { topics: ['flows'] });
  return (
    <Shown of={list}>
      {(data) => (
        <div class="stack">
          <Table
            caption="Groups"
            rows={data.items}
            columns={COLUMNS}
            rowKey={({ run }) => run}
            rowTo={({ run }) => `/flows/${encodeURIComponent(run)}`}
            rowTestId="group-row"
            rowTone={({ failed }) => (failed > 0 ? 'bad' : undefined)}
            stale={list.stale}
            empty={
              <Empty title="No group is kept">
                A program opens one with <code>drover.group(type, ...)</code> and adds tasks until it closes it.
              </Empty>
            }
          />
          <Pager list={data} cursor={cursor} onCursor={(next) => setQuery({ cursor: next }, { replace: false })} />
        </div>
      )}
    </Shown>
  );
}
