import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import { Empty } from '../../ui/empty.js';
import { count, duration, rate } from '../../ui/format.js';
import { Page } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Search, found } from '../search.js';
import type { QueueDoc } from '../shapes.js';
import { Shown } from '../shown.js';
import { VerdictCell, type Verdict } from '../verdict.js';
import { useWindow } from '../window.js';
import { OutBar } from './out-bar.js';
import { byNeed } from './queue-sentence.js';

interface Row {
  queue: QueueDoc;
  verdict: Verdict;
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Queue', main: true, cell: ({ queue }) => queue.name },
  { head: 'State', full: true, cell: ({ verdict }) => <VerdictCell of={verdict} /> },
  {
    head: 'Oldest wait',
    align: 'end',
    title: 'For how long the task that has been due longest waits',
    cell: ({ queue }) => waitOf(queue),
  },
  {
    head: 'Pending',
    align: 'end',
    title: 'Tasks that are due and wait for a worker',
    cell: ({ queue }) => count(queue.pending),
  },
  {
    head: 'Out',
    title: 'Tasks that are handed out to workers, and how many may be at most',
    cell: ({ queue }) => <OutBar queue={queue} />,
  },
  {
    head: 'In',
    align: 'end',
    title: 'Submitted per second, over the last 10 s',
    cell: ({ queue }) => rateOf(queue, 'submitted'),
  },
  {
    head: 'Done',
    align: 'end',
    title: 'Finished per second, over the last 10 s',
    cell: ({ queue }) => rateOf(queue, 'finished'),
  },
  {
    head: 'Failed',
    align: 'end',
    title: 'Failed per second, over the last 10 s',
    cell: ({ queue }) => rateOf(queue, 'failed'),
  },
  {
    head: 'Workers',
    align: 'end',
    title: 'Workers that offer a type of its pending tasks',
    cell: ({ queue }) => (queue.pending === 0 ? '–' : (queue.live?.servedBy ?? '–')),
  },
  { head: 'Priority', align: 'end', title: 'Queues with a higher one go first', cell: ({ queue }) => queue.priority },
];

const waitOf = ({ live }: QueueDoc): string => {
  const ms = live?.oldestPendingMs;
  return ms === undefined || ms === null ? '–' : duration(ms);
};
const rateOf = ({ live }: QueueDoc, name: 'submitted' | 'finished' | 'failed'): string =>
  live === undefined ? '–' : rate(live.rates[name]);

/** All queues, those that need somebody first. */
export default function Queues(): JSX.Element {
  const query = useQuery('/v1/queues', { limit: 500 }, { topics: ['queues', 'workers'], everyMs: 5_000 });
  return (
    <Page
      title="Queues"
      lead="Queues that need somebody come first, then those whose tasks wait longest."
      actions={<Search label="Find a queue" />}
    >
      <Shown of={query}>{({ items, next }) => <QueueList queues={items as QueueDoc[]} isAll={next === null} />}</Shown>
    </Page>
  );
}

function QueueList({ queues, isAll }: { queues: readonly QueueDoc[]; isAll: boolean }): JSX.Element {
  const typed = found();
  const rows = byNeed(queues.filter(({ name }) => name.toLowerCase().includes(typed)));
  const { shown, more } = useWindow(rows);
  if (queues.length === 0)
    return (
      <Empty title="No queue has tasks or settings" command="drover submit echo --queue mail">
        A queue appears here as soon as a task names it: queues need no declaring.
      </Empty>
    );
  if (rows.length === 0) return <Empty title={`No queue has '${typed}' in its name`}>Another text may find it.</Empty>;
  return (
    <>
      <Table
        caption="Queues"
        rows={shown}
        columns={COLUMNS}
        rowKey={({ queue }) => queue.name}
        rowTo={({ queue }) => `/queues/${encodeURIComponent(queue.name)}`}
        rowTestId={({ queue }) => `queue-row-${queue.name}`}
      />
      {more}
      {!isAll && (
        <p class="muted">The 500 busiest queues are shown. A queue of another name has its page at /ui/queues/NAME.</p>
      )}
    </>
  );
}
