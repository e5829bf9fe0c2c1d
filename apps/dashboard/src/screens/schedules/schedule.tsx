import type { JSX } from 'preact';
import { Link } from '../../app/router.js';
import type { ScreenProps } from '../../app/screens.js';
import { useQuery } from '../../data/query.js';
import type { Schedule as ScheduleDoc } from '../../data/types.js';
import { StateBadge } from '../../ui/badge.js';
import { JsonView } from '../../ui/code.js';
import { count } from '../../ui/format.js';
import { Facts, Page, Section } from '../../ui/page.js';
import { Ago } from '../../ui/time.js';
import { ByWhom } from '../by-whom.js';
import { Shown } from '../shown.js';
import { Title } from '../title.js';
import { VerdictCell, VerdictLine } from '../verdict.js';
import { standingOf as broadcastStanding } from '../broadcasts/broadcast.decide.js';
import { useRun } from '../flows/asked.js';
import { RunBadge } from '../flows/flow-badges.js';
import { Backfills } from './backfills.js';
import { FireCalendar } from './fire-calendar.js';
import { Fires } from './fires.js';
import { NextFires } from './next-fires.js';
import { ScheduleActions } from './schedule-actions.js';
import { startedBy, startsText } from './started.js';
import { entriesOf, inWords, standingOf } from './when-words.js';

/** A schedule: its next fires, what runs of it, what became of earlier times. */
export default function Schedule({ params }: ScreenProps): JSX.Element {
  const name = params.name ?? '';
  const query = useQuery('/v1/schedules/:name', { name }, { topics: ['schedules'], everyMs: 5_000 });
  return (
    <Page
      title={name}
      heading={<Title kind="Schedule" name={name} />}
      lead={query.data && entriesOf(query.data.spec).map(inWords).join(' · ')}
      actions={query.data && <ScheduleActions schedule={query.data} />}
    >
      <Shown of={query}>{(schedule) => <Body schedule={schedule} />}</Shown>
    </Page>
  );
}

function Body({ schedule }: { schedule: ScheduleDoc }): JSX.Element {
  const { paused, held, spec, changedBy, revision } = schedule;
  return (
    <>
      <VerdictLine of={standingOf(schedule)} testId="schedule-sentence">
        {paused === null ? undefined : (
          <>
            Paused by <ByWhom change={paused} />. Times during a pause are not caught up.
          </>
        )}
      </VerdictLine>
      {held !== null && <p class="sentence warn">No schedule fires now: {held.reason}</p>}
      <Numbers schedule={schedule} />
      <Fires schedule={schedule} />
      <div class="columns">
        <NextFires schedule={schedule} />
        {!entriesOf(spec).some(({ everyAfter }) => everyAfter !== undefined) && <FireCalendar schedule={schedule} />}
      </div>
      <Backfills schedule={schedule} />
      <Section
        title="Definition"
        aside={
          <span>
            revision {revision}, changed by <ByWhom change={changedBy} />
          </span>
        }
      >
        <JsonView value={spec} what="definition" />
      </Section>
    </>
  );
}

function Numbers({ schedule }: { schedule: ScheduleDoc }): JSX.Element {
  const { fired, skipped, missed, excluded, failed, reasons, last } = schedule;
  return (
    <Facts
      items={[
        ['Starts', startsText(schedule.spec)],
        ['Last fire', <LastFire last={last} />, 'Its nominal time, and how what it started is'],
        ['Fired', count(fired), 'Times at which it started something'],
        [
          'Failed',
          <Number value={failed} isBad reason={reasons.failed} />,
          'Fires whose task, run or broadcast failed',
        ],
        [
          'Missed',
          <Number value={missed} isBad reason={reasons.missed} />,
          'Times that passed while nobody could fire them',
        ],
        [
          'Skipped',
          <Number value={skipped} reason={reasons.skipped} />,
          'Times at which an earlier fire had not ended',
        ],
        ['Excluded', count(excluded), 'Times that the definition leaves out'],
      ]}
    />
  );
}

function Number({
  value,
  reason,
  isBad = false,
}: {
  value: number;
  reason?: string | undefined;
  isBad?: boolean;
}): JSX.Element {
  return (
    <>
      <span class={isBad && value > 0 ? 'bad-text strong' : undefined}>{count(value)}</span>
      {value > 0 && reason !== undefined && <small class="muted block">{reason}</small>}
    </>
  );
}

function LastFire({ last }: { last: ScheduleDoc['last'] }): JSX.Element {
  if (last === null) return <span class="muted">never</span>;
  const { kind, id, to } = startedBy(last);
  return (
    <span class="row tight">
      <Link to={to}>
        <Ago at={Date.parse(last.nominal)} />
      </Link>
      {kind === 'task' && <TaskState id={id} />}
      {kind === 'run' && <RunState id={id} />}
      {kind === 'broadcast' && <BroadcastState id={id} />}
    </span>
  );
}

const OFTEN = { everyMs: 2_000 };

function TaskState({ id }: { id: string }): JSX.Element | null {
  const { data } = useQuery('/v1/tasks/:id', { id }, OFTEN);
  return data === undefined ? null : <StateBadge state={data.state} />;
}

function RunState({ id }: { id: string }): JSX.Element | null {
  const { data } = useRun(id);
  return data === undefined ? null : <RunBadge state={data.state} />;
}

function BroadcastState({ id }: { id: string }): JSX.Element | null {
  const { data } = useQuery('/v1/broadcasts/:id', { id }, { topics: ['broadcasts'] });
  return data === undefined ? null : <VerdictCell of={{ ...broadcastStanding(data), text: '' }} />;
}
