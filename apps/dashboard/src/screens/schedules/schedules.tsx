import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useQuery } from '../../data/query.js';
import type { ScheduleSummary } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { Empty } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { Page } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago, Until } from '../../ui/time.js';
import { Search, found } from '../search.js';
import { Shown } from '../shown.js';
import { VerdictCell, type Verdict } from '../verdict.js';
import { useWindow } from '../window.js';
import { DefinitionDialog } from './definition-dialog.js';
import { startsText } from './started.js';
import { entriesOf, inWords, standingOf } from './when-words.js';

interface Row {
  schedule: ScheduleSummary;
  standing: Verdict;
}

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Schedule', main: true, cell: ({ schedule }) => schedule.name },
  { head: 'State', full: true, cell: ({ standing }) => <VerdictCell of={standing} /> },
  { head: 'Starts', wide: true, cell: ({ schedule }) => startsText(schedule.spec) },
  { head: 'When', cell: ({ schedule }) => <When schedule={schedule} /> },
  { head: 'Next', align: 'end', cell: ({ schedule }) => <Next schedule={schedule} /> },
  {
    head: 'Last',
    align: 'end',
    title: 'The nominal time of the last fire',
    cell: ({ schedule }) => <Last schedule={schedule} />,
  },
  {
    head: 'Fired',
    align: 'end',
    wide: true,
    title: 'Times at which it started something',
    cell: ({ schedule }) => count(schedule.fired),
  },
  {
    head: 'Skipped',
    align: 'end',
    wide: true,
    title: 'Times at which an earlier fire had not ended',
    cell: ({ schedule }) => count(schedule.skipped),
  },
  {
    head: 'Missed',
    align: 'end',
    title: 'Times that passed while nobody could fire them',
    cell: ({ schedule }) => <Bad value={schedule.missed} />,
  },
  {
    head: 'Failed',
    align: 'end',
    title: 'Fires whose task, run or broadcast failed',
    cell: ({ schedule }) => <Bad value={schedule.failed} />,
  },
];

function When({ schedule: { spec } }: { schedule: ScheduleSummary }): JSX.Element {
  const [first, ...more] = entriesOf(spec);
  if (first === undefined) return <>–</>;
  return (
    <span title={JSON.stringify(spec.when)}>
      {inWords(first)}
      {more.length > 0 && <span class="muted"> and {more.length} more</span>}
    </span>
  );
}

function Next({ schedule: { next, paused } }: { schedule: ScheduleSummary }): JSX.Element {
  const [first] = next;
  return first === undefined || paused !== null ? <span class="muted">–</span> : <Until at={Date.parse(first.due)} />;
}

const Last = ({ schedule: { last } }: { schedule: ScheduleSummary }): JSX.Element =>
  last === null ? <span class="muted">never</span> : <Ago at={Date.parse(last.nominal)} />;

const Bad = ({ value }: { value: number }): JSX.Element =>
  value === 0 ? <span class="muted">0</span> : <b class="bad-text">{count(value)}</b>;

/** All schedules, those that need somebody first. */
export default function Schedules(): JSX.Element {
  const query = useQuery('/v1/schedules', { limit: 500 }, { topics: ['schedules'], everyMs: 30_000 });
  const [isNew, setNew] = useState(false);
  return (
    <Page
      title="Schedules"
      lead="A schedule starts a task, a flow or a broadcast at each of its times."
      actions={
        <>
          <Search label="Find a schedule" />
          <Action permission="define" action="define" icon="submit" onClick={() => setNew(true)}>
            New schedule
          </Action>
        </>
      }
    >
      <Shown of={query}>{({ items }) => <ScheduleList schedules={items} />}</Shown>
      {isNew && <DefinitionDialog schedule={null} onClose={() => setNew(false)} />}
    </Page>
  );
}

function ScheduleList({ schedules }: { schedules: readonly ScheduleSummary[] }): JSX.Element {
  const typed = found();
  const rows = schedules
    .filter(({ name }) => name.toLowerCase().includes(typed))
    .map((schedule) => ({ schedule, standing: standingOf(schedule) }))
    .sort((a, b) => a.standing.rank - b.standing.rank || a.schedule.name.localeCompare(b.schedule.name));
  const { shown, more } = useWindow(rows);
  if (schedules.length === 0)
    return (
      <Empty
        title="There is no schedule"
        command={`drover schedule set nightly --cron '30 2 * * *' --tz Europe/Berlin --type report`}
      >
        A schedule starts something at each of its times, whoever leads.
      </Empty>
    );
  if (rows.length === 0)
    return <Empty title={`No schedule has '${typed}' in its name`}>Another text may find it.</Empty>;
  return (
    <>
      <Table
        caption="Schedules"
        rows={shown}
        columns={COLUMNS}
        rowKey={({ schedule }) => schedule.name}
        rowTo={({ schedule }) => `/schedules/${encodeURIComponent(schedule.name)}`}
        rowTestId={({ schedule }) => `schedule-row-${schedule.name}`}
      />
      {more}
    </>
  );
}
