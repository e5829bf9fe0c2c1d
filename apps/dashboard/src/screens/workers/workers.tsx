import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import type { Worker } from '../../data/types.js';
import { Empty } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { Page } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { Search, found } from '../search.js';
import { Shown } from '../shown.js';
import { VerdictCell, type Verdict } from '../verdict.js';
import { useWindow } from '../window.js';
import { byHealth, fleetOf, type Fleet } from './health.js';
import { Labels } from './labels.js';
import { Slots } from './slots.js';

interface Row {
  worker: Worker;
  health: Verdict;
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Worker', main: true, cell: ({ worker }) => worker.name },
  { head: 'State', full: true, cell: ({ health }) => <VerdictCell of={health} /> },
  {
    head: 'Slots',
    title: 'Tasks that it runs and that wait at it, of how many it runs at a time',
    cell: ({ worker }) => <Slots worker={worker} />,
  },
  { head: 'Types', wide: true, cell: ({ worker }) => <Few names={worker.types} /> },
  { head: 'Labels', wide: true, cell: ({ worker }) => <Labels labels={worker.labels} most={3} /> },
  { head: 'Version', cell: ({ worker }) => worker.version },
  { head: 'Since', align: 'end', title: 'When it registered', cell: ({ worker }) => <Ago at={worker.startedAt} /> },
];

function Few({ names }: { names: readonly string[] }): JSX.Element {
  const left = names.length - 3;
  return (
    <span title={names.join(', ')}>
      {names.slice(0, 3).join(', ')}
      {left > 0 && <span class="muted"> and {count(left)} more</span>}
    </span>
  );
}

/** All workers, those that are not well first. */
export default function Workers(): JSX.Element {
  const query = useQuery('/v1/workers', { limit: 500 }, { topics: ['workers'], everyMs: 5_000 });
  const failures = useQuery('/v1/failures', { limit: 500 }, { topics: ['failures'], gapMs: 10_000 });
  return (
    <Page
      title="Workers"
      lead="Those that are not well come first."
      actions={<Search label="Find a worker, a type or a label" />}
    >
      <Shown of={query}>
        {({ items, next }) => (
          <WorkerList workers={items} fleet={fleetOf(items, failures.data?.items ?? [])} isAll={next === null} />
        )}
      </Shown>
    </Page>
  );
}

function WorkerList({
  workers,
  fleet,
  isAll,
}: {
  workers: readonly Worker[];
  fleet: Fleet;
  isAll: boolean;
}): JSX.Element {
  const typed = found();
  const rows = byHealth(
    workers.filter((worker) => textOf(worker).includes(typed)),
    fleet,
  );
  const { shown, more } = useWindow(rows);
  if (workers.length === 0)
    return (
      <Empty title="No worker is registered" command="drover worker --handlers ./handlers.js">
        A worker runs the handlers of your tasks; it appears here as soon as it is connected. Until then tasks wait.
      </Empty>
    );
  if (rows.length === 0)
    return <Empty title={`No worker fits '${typed}'`}>Names, hosts, types and labels are searched.</Empty>;
  return (
    <>
      <Table
        caption="Workers"
        rows={shown}
        columns={COLUMNS}
        rowKey={({ worker }) => worker.id}
        rowTo={({ worker }) => `/workers/${encodeURIComponent(worker.name)}`}
        rowTestId={({ worker }) => `worker-row-${worker.name}`}
      />
      {more}
      {!isAll && <p class="muted">500 workers are shown; there are more.</p>}
    </>
  );
}

const textOf = ({ name, host, types, labels }: Worker): string =>
  [name, host, ...types, ...Object.entries(labels).map(([label, value]) => `${label}=${value}`)]
    .join(' ')
    .toLowerCase();
