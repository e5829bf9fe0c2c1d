import type { JSX } from 'preact';
import { place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { Empty } from '../../ui/empty.js';
import { NameWithId } from '../../ui/name-with-id.js';
import { Page } from '../../ui/page.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { Shown } from '../shown.js';
import { VerdictCell } from '../verdict.js';
import { forWhom, standingOf, type Broadcast } from './broadcast.decide.js';
import { ReachedBar } from './reached-bar.js';

const LIMIT = 50;
const STATES = ['open', 'closed', 'finished'] as const;

const COLUMNS: readonly Column<Broadcast>[] = [
  {
    head: 'Broadcast',
    main: true,
    cell: ({ type, id }) => <NameWithId name={type} id={id} />,
  },
  { head: 'State', cell: (broadcast) => <VerdictCell of={{ ...standingOf(broadcast), text: '' }} /> },
  { head: 'Workers', cell: ({ counts }) => <ReachedBar counts={counts} /> },
  { head: 'For', full: true, cell: (broadcast) => forWhom(broadcast) },
  { head: 'Key', wide: true, cell: ({ key }) => (key === null ? <span class="muted">–</span> : <code>{key}</code>) },
  { head: 'Started', align: 'end', cell: ({ submittedAt }) => <Ago at={submittedAt} /> },
];

/** Broadcasts, the newest first; the filter is in the address. */
export default function Broadcasts(): JSX.Element {
  const { query } = place.value;
  const state = query.get('state') ?? '';
  const cursor = query.get('cursor');
  const list = useQuery(
    '/v1/broadcasts',
    { limit: LIMIT, ...(state === '' ? {} : { state }), ...(cursor === null ? {} : { cursor }) },
    { topics: ['broadcasts'] },
  );
  return (
    <Page title="Broadcasts" lead="A broadcast is a task that runs once at each worker.">
      <div class="stack">
        <label>
          <span class="hidden">State</span>
          <select
            value={state}
            data-filter
            onChange={({ currentTarget }) => setQuery({ state: currentTarget.value, cursor: null }, { replace: false })}
          >
            <option value="">All states</option>
            {STATES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <Shown of={list}>
          {(data) => (
            <>
              <Table
                caption="Broadcasts"
                rows={data.items}
                columns={COLUMNS}
                rowKey={({ id }) => id}
                rowTo={({ id }) => `/broadcasts/${encodeURIComponent(id)}`}
                rowTestId="broadcast-row"
                rowTone={({ counts }) => (counts.failed > 0 ? 'bad' : undefined)}
                stale={list.stale}
                empty={<NoBroadcasts isFiltered={state !== '' || cursor !== null} />}
              />
              <Pager list={data} cursor={cursor} onCursor={(next) => setQuery({ cursor: next }, { replace: false })} />
            </>
          )}
        </Shown>
      </div>
    </Page>
  );
}

function NoBroadcasts({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  if (isFiltered)
    return (
      <Empty title="No broadcast matches">
        Broadcasts that have finished are kept for a while only.{' '}
        <button type="button" onClick={() => setQuery({ state: null, cursor: null })}>
          Show all broadcasts
        </button>
      </Empty>
    );
  return (
    <Empty title="No broadcast is kept" command={`drover broadcast flush-cache --where zone=a --joiners 1h`}>
      It runs a task once at each worker: a cache is flushed, a certificate is read again.
    </Empty>
  );
}
