import type { JSX } from 'preact';
import { useQuery } from '../data/query.js';
import type { Queue } from '../data/types.js';
import { Badge } from '../ui/badge.js';
import { Loading, Problem } from '../ui/empty.js';
import { count, duration, rate } from '../ui/format.js';
import { Table, type Column } from '../ui/table.js';

const SHOWN = 10;
const wait = ({ live }: Queue): number => live?.oldestPendingMs ?? -1;
const load = ({ pending, out }: Queue): number => pending + out;

const COLUMNS: readonly Column<Queue>[] = [
  { head: 'Queue', main: true, cell: ({ name }) => name },
  {
    head: 'Oldest wait',
    title: 'For how long the task that has been due longest waits',
    align: 'end',
    cell: (queue) => (wait(queue) < 0 ? '–' : duration(Math.floor(wait(queue) / 1_000) * 1_000)),
  },
  { head: 'Pending', align: 'end', cell: ({ pending }) => count(pending) },
  { head: 'Out', title: 'Handed out to workers', align: 'end', cell: ({ out }) => count(out) },
  {
    head: 'Finished/s',
    align: 'end',
    wide: true,
    cell: ({ live }) => (live === undefined ? '–' : rate(live.rates.finished)),
  },
  {
    head: 'Failed/s',
    align: 'end',
    wide: true,
    cell: ({ live }) => (live === undefined ? '–' : rate(live.rates.failed)),
  },
  { head: 'State', cell: (queue) => <QueueState queue={queue} /> },
];

function QueueState({ queue }: { queue: Queue }): JSX.Element {
  const { paused, pausedBy, full, pending, live } = queue;
  if (paused)
    return (
      <Badge tone="warn" icon="pause" title={pausedBy?.reason}>
        paused{pausedBy?.by === undefined ? '' : ` by ${pausedBy.by}`}
      </Badge>
    );
  if (full === true) return <Badge tone="warn">full</Badge>;
  if (live !== undefined && pending > 0 && live.servedBy === 0)
    return (
      <Badge tone="bad" icon="warn">
        no worker serves it
      </Badge>
    );
  return (
    <Badge tone="ok" icon="ok">
      flows
    </Badge>
  );
}

/** The queues whose tasks wait longest. */
export function BusiestQueues(): JSX.Element {
  const { data, error, stale, refresh } = useQuery('/v1/queues', { limit: 100 }, { topics: ['queues'] });
  if (error !== undefined && data === undefined) return <Problem error={error} onRetry={refresh} />;
  if (data === undefined) return <Loading />;
  const rows = [...data.items].sort((a, b) => wait(b) - wait(a) || load(b) - load(a)).slice(0, SHOWN);
  return (
    <Table
      caption="Queues whose tasks wait longest"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ name }) => name}
      rowTo={({ name }) => `/queues/${encodeURIComponent(name)}`}
      rowTestId={({ name }) => `queue-row-${name}`}
      stale={stale}
      empty={<p class="muted">No queue has tasks or settings.</p>}
    />
  );
}
