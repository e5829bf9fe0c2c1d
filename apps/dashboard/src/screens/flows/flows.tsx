import type { FlowCounts, RunState, RunSummary } from '@drover/flow';
import type { JSX } from 'preact';
import { go, Link, place, setQuery } from '../../app/router.js';
import { Empty } from '../../ui/empty.js';
import { count, duration } from '../../ui/format.js';
import { NameWithId } from '../../ui/name-with-id.js';
import { Page } from '../../ui/page.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Tabs } from '../../ui/tabs.js';
import { Ago } from '../../ui/time.js';
import { Shown } from '../shown.js';
import { useRuns, type RunList } from './asked.js';
import { RunBadge } from './flow-badges.js';
import { Groups } from './groups.js';

const LIMIT = 50;
const STATES: readonly RunState[] = ['running', 'waiting', 'failed', 'succeeded', 'cancelled'];

const COLUMNS: readonly Column<RunSummary>[] = [
  {
    head: 'Run',
    main: true,
    cell: ({ flow, run }) => <NameWithId name={flow} id={run} />,
  },
  { head: 'State', cell: ({ state }) => <RunBadge state={state} /> },
  { head: 'Why', full: true, cell: ({ reason }) => reason ?? <span class="muted">–</span> },
  { head: 'Started', align: 'end', cell: ({ startedAt }) => <Ago at={startedAt} /> },
  {
    head: 'Took',
    align: 'end',
    title: 'From its start to its end',
    cell: ({ startedAt, endedAt }) => (endedAt === null ? <span class="muted">–</span> : duration(endedAt - startedAt)),
  },
];

const VIEWS = [
  { id: 'runs', name: 'Runs' },
  { id: 'groups', name: 'Groups' },
];

/** Runs of flows, and groups; which of them is in the address. */
export default function Flows(): JSX.Element {
  const view = place.value.query.get('view') === 'groups' ? 'groups' : 'runs';
  return (
    <Page title="Flows" lead="A flow is work of several steps; each run is its execution for one input.">
      <Tabs label="Runs or groups" items={VIEWS} selected={view} onSelect={(id) => go(`/flows?view=${id}`)}>
        {view === 'groups' ? <Groups /> : <AllRuns />}
      </Tabs>
    </Page>
  );
}

/** The newest first; the filter is in the address. */
function AllRuns(): JSX.Element {
  const { query } = place.value;
  const flow = query.get('flow') ?? '';
  const state = query.get('state') ?? '';
  const cursor = query.get('cursor');
  const list = useRuns({
    limit: LIMIT,
    ...(flow === '' ? {} : { flow }),
    ...(state === '' ? {} : { state }),
    ...(cursor === null ? {} : { cursor }),
  });
  return (
    <Shown of={list}>
      {(data) => (
        <div class={list.stale ? 'stack stale' : 'stack'}>
          <Counts counts={data.counts ?? {}} flow={flow} />
          <Filter flows={flowsOf(data)} flow={flow} state={state} />
          <Runs list={data} flow={flow} state={state} cursor={cursor} />
        </div>
      )}
    </Shown>
  );
}

interface Counted {
  name: string;
  counts: FlowCounts;
}
const COUNTED: readonly Column<Counted>[] = [
  { head: 'Flow', main: true, cell: ({ name }) => name },
  ...STATES.map((state): Column<Counted> => ({
    head: state.charAt(0).toUpperCase() + state.slice(1),
    align: 'end',
    cell: ({ name, counts }) => <Number name={name} state={state} value={counts[state]} />,
  })),
];

const toRuns = (flow: string, state: string | null): string =>
  `/flows?${new URLSearchParams({ flow, ...(state === null ? {} : { state }) }).toString()}`;

function Number({ name, state, value }: { name: string; state: RunState; value: number }): JSX.Element {
  if (value === 0) return <span class="muted">0</span>;
  return (
    <Link to={toRuns(name, state)} class={state === 'failed' ? 'bad-text strong' : undefined}>
      {count(value)}
    </Link>
  );
}

/** How many runs of each flow are in each state: flows with failed runs first. */
function Counts({ counts, flow }: { counts: NonNullable<RunList['counts']>; flow: string }): JSX.Element | null {
  const rows = Object.entries(counts)
    .filter(([name]) => flow === '' || name === flow)
    .map(([name, of]) => ({ name, counts: of }))
    .sort((a, b) => b.counts.failed - a.counts.failed || a.name.localeCompare(b.name));
  if (rows.length === 0) return null;
  return (
    <Table
      caption="Runs that are kept, by flow and state"
      rows={rows}
      columns={COUNTED}
      rowKey={({ name }) => name}
      rowTo={({ name }) => toRuns(name, null)}
      rowTestId={({ name }) => `flow-row-${name}`}
    />
  );
}

/** The names that the filter offers. */
const flowsOf = ({ counts, items }: RunList): string[] =>
  [...new Set([...Object.keys(counts ?? {}), ...items.map((item) => item.flow)])].sort();

function Filter({ flows, flow, state }: { flows: readonly string[]; flow: string; state: string }): JSX.Element {
  // A flow that has no run any more may still stand in the address.
  const known = flow === '' || flows.includes(flow) ? flows : [flow, ...flows];
  const select = (label: string, name: string, value: string, values: readonly string[], all: string): JSX.Element => (
    <label>
      <span class="hidden">{label}</span>
      <select
        value={value}
        data-filter
        data-testid={`filter-${name}`}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value, cursor: null }, { replace: false })}
      >
        <option value="">{all}</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="row">
      {select('Flow', 'flow', flow, known, 'All flows')}
      {select('State', 'state', state, STATES, 'All states')}
    </div>
  );
}

interface RunsProps {
  list: RunList;
  flow: string;
  state: string;
  cursor: string | null;
}

function Runs({ list, flow, state, cursor }: RunsProps): JSX.Element {
  if (list.items.length === 0) return <NoRuns isFiltered={flow !== '' || state !== '' || cursor !== null} />;
  return (
    <>
      <Table
        caption="Runs"
        rows={list.items}
        columns={COLUMNS}
        rowKey={({ run }) => run}
        rowTo={({ run }) => `/flows/${encodeURIComponent(run)}`}
        rowTestId="run-row"
        rowTone={({ state: of }) => (of === 'failed' ? 'bad' : undefined)}
      />
      <Pager
        list={{ ...list, complete: true }}
        cursor={cursor}
        onCursor={(next) => setQuery({ cursor: next }, { replace: false })}
      />
    </>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }): JSX.Element {
  if (isFiltered)
    return (
      <Empty title="No run matches">
        Runs that have ended are kept for a while only.{' '}
        <button type="button" onClick={() => setQuery({ flow: null, state: null, cursor: null })}>
          Show all runs
        </button>
      </Empty>
    );
  return (
    <Empty
      title="No run of a flow is kept"
      command={`drover flow start ./nightly.flow.mjs --input '{"day": "2026-11-28"}'`}
    >
      A program starts one with <code>drover.start(flow, input)</code>, a shell with the command below.
    </Empty>
  );
}
