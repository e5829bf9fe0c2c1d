import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { now } from '../../data/clock.js';
import { useQuery } from '../../data/query.js';
import { Action } from '../../ui/action.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { Page } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Until } from '../../ui/time.js';
import { Search, found } from '../search.js';
import type { LimitRow } from '../shapes.js';
import { Shown } from '../shown.js';
import { useWindow } from '../window.js';
import { inWords, perWords, scopeWords } from './limit-words.js';
import { LimitDialog } from './limit-dialog.js';

const COLUMNS: readonly Column<LimitRow>[] = [
  { head: 'Limit', main: true, cell: ({ name }) => name },
  { head: 'Allows', cell: ({ spec }) => inWords(spec) },
  { head: 'Counts', cell: ({ spec }) => perWords(spec) },
  { head: 'Holds for', wide: true, cell: ({ spec }) => scopeWords(spec) },
  { head: 'Out', align: 'end', title: 'Tasks that are with workers under it', cell: ({ out }) => known(out) },
  {
    head: 'Waiting',
    align: 'end',
    title: 'Due tasks that wait for it',
    cell: ({ waiting }) => <Waiting value={waiting} />,
  },
  { head: 'Held', cell: (limit) => <Held limit={limit} /> },
];

const known = (value: number | undefined): string => (value === undefined ? '–' : count(value));
const Waiting = ({ value }: { value: number | undefined }): JSX.Element =>
  value === undefined || value === 0 ? <span class="muted">{known(value)}</span> : <b>{count(value)}</b>;

function Held({ limit: { holds } }: { limit: LimitRow }): JSX.Element {
  const until = Object.values(holds).filter((at) => at > now.value);
  if (until.length === 0) return <span class="muted">–</span>;
  return (
    <Badge tone="warn" icon="pause">
      ends <Until at={Math.max(...until)} />
    </Badge>
  );
}

/** All limits, those at which most tasks wait first. */
export default function Limits(): JSX.Element {
  const query = useQuery('/v1/limits', { limit: 500 }, { topics: ['queues'], everyMs: 10_000 });
  const [isNew, setNew] = useState(false);
  return (
    <Page
      title="Limits"
      lead="How many tasks may run at the same time, and start in a time."
      actions={
        <>
          <Search label="Find a limit" />
          <Action permission="define" action="define" icon="submit" onClick={() => setNew(true)}>
            New limit
          </Action>
        </>
      }
    >
      <Shown of={query}>{({ items }) => <LimitList limits={items as LimitRow[]} />}</Shown>
      {isNew && <LimitDialog limit={null} onClose={() => setNew(false)} />}
    </Page>
  );
}

function LimitList({ limits }: { limits: readonly LimitRow[] }): JSX.Element {
  const typed = found();
  const rows = limits
    .filter(({ name }) => name.toLowerCase().includes(typed))
    .toSorted((a, b) => (b.waiting ?? 0) - (a.waiting ?? 0) || a.name.localeCompare(b.name));
  const { shown, more } = useWindow(rows);
  if (limits.length === 0)
    return (
      <Empty title="There is no limit" command="drover limit set stripe --rate 100/1s --concurrency 10 --per key">
        A limit bounds how many of its tasks run at the same time, or start in a time: for a GPU, or for an API that
        counts calls.
      </Empty>
    );
  if (rows.length === 0) return <Empty title={`No limit has '${typed}' in its name`}>Another text may find it.</Empty>;
  return (
    <>
      <Table
        caption="Limits"
        rows={shown}
        columns={COLUMNS}
        rowKey={({ name }) => name}
        rowTo={({ name }) => `/limits/${encodeURIComponent(name)}`}
        rowTestId={({ name }) => `limit-row-${name}`}
      />
      {more}
    </>
  );
}
