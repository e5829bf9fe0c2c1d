import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import { now } from '../data/clock.js';
import { OVERVIEW, useQuery } from '../data/query.js';
import type { Overview as View } from '../data/types.js';
import { STATES } from '../ui/badge.js';
import { Empty, Loading, Problem } from '../ui/empty.js';
import { count, counted, duration, percent, rate } from '../ui/format.js';
import { Icon, type IconName } from '../ui/icon.js';
import { Page, Section } from '../ui/page.js';
import { Bar } from '../ui/spark.js';
import { Ago } from '../ui/time.js';
import { AttentionList } from './attention.js';
import { BusiestQueues } from './busiest-queues.js';
import { RatesChart } from './rates-chart.js';

/** Whether work flows: who leads, what waits, what fails; then the numbers. */
export default function Overview(): JSX.Element {
  const query = useQuery('/v1/overview', {}, OVERVIEW);
  const { data, error } = query;
  return (
    <Page title="Overview" actions={data !== undefined && <AsOf at={data.at} />}>
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <Problem error={error} onRetry={query.refresh} />}
      {data !== undefined && (
        <div class={query.stale ? 'stack stale' : 'stack'}>
          <Pulse view={data} />
          <Section title="Needs attention">
            <AttentionList items={data.attention} />
          </Section>
          {isUntouched(data) ? <FirstSteps view={data} /> : <Numbers view={data} />}
        </div>
      )}
    </Page>
  );
}

const isUntouched = ({ tasks }: View): boolean => tasks !== null && Object.values(tasks).every((each) => each === 0);

function AsOf({ at }: { at: number }): JSX.Element {
  return (
    <span class="muted small">
      as of <Ago at={at} testId="as-of" />
    </span>
  );
}

/** The three things that tell whether work flows, and how fast. */
function Pulse({ view }: { view: View }): JSX.Element {
  const { leader, rates, failedLastHour, workers } = view;
  return (
    <div class="pulse panel">
      <Beat
        name="Leader"
        tone={leader === null ? 'bad' : undefined}
        value={leader?.id ?? 'nobody'}
        note={
          leader === null
            ? 'nothing is started until a scheduler leads'
            : `epoch ${count(leader.epoch)}${leader.sinceMs === null ? '' : `, for ${duration(leader.sinceMs)}`}`
        }
      />
      <OldestWait view={view} />
      <Beat
        name="Failed in the last hour"
        tone={(failedLastHour ?? 0) > 0 ? 'bad' : undefined}
        value={failedLastHour === null ? '–' : count(failedLastHour)}
        note={<Link to="/failures">see failures by their error</Link>}
      />
      <Beat
        name="Finished a second"
        value={rates === null ? '–' : rate(rates.finished)}
        note={
          rates === null ? 'only a leader counts' : `${rate(rates.submitted)} submitted, ${rate(rates.failed)} failed`
        }
      />
      <Beat
        name="Busy slots"
        value={`${count(workers.busy)} of ${count(workers.slots)}`}
        tone={workers.slots === 0 ? 'bad' : undefined}
        note={
          <>
            <Bar of={workers.slots} parts={[{ value: workers.busy, tone: 'info', label: 'busy' }]} />
            <Link to="/workers">{counted(workers.accepting + workers.draining, 'worker')}</Link>
            {workers.draining > 0 && `, ${count(workers.draining)} draining`}
            {workers.slots > 0 && ` · ${percent(workers.busy, workers.slots)}`}
          </>
        }
      />
    </div>
  );
}

/** It grows while the page is looked at. */
function OldestWait({ view }: { view: View }): JSX.Element {
  const { oldestPendingMs, tasks, at } = view;
  const waits = oldestPendingMs === null ? null : oldestPendingMs + Math.max(0, now.value - at);
  return (
    <Beat
      name="Oldest wait"
      testId="oldest-wait"
      tone={waits !== null && waits > 60_000 ? 'warn' : undefined}
      value={waits === null ? 'none' : duration(Math.floor(waits / 1_000) * 1_000)}
      note={tasks === null ? '' : waits === null ? 'nothing is due and waits' : `${count(tasks.pending)} pending`}
    />
  );
}

interface BeatProps {
  name: string;
  value: string;
  note: JSX.Element | string;
  tone?: 'bad' | 'warn' | undefined;
  testId?: string;
}

function Beat({ name, value, note, tone, testId }: BeatProps): JSX.Element {
  return (
    <div class="beat">
      <p class="muted small">{name}</p>
      <p class={tone === undefined ? 'value' : `value ${tone}-text`} data-testid={testId}>
        {value}
      </p>
      <p class="muted small">{note}</p>
    </div>
  );
}

function Numbers({ view }: { view: View }): JSX.Element {
  return (
    <>
      <Section title="Tasks" aside={view.complete ? undefined : 'the leader is still reading: the numbers grow'}>
        <Tiles view={view} />
      </Section>
      <Section title="Last hour" aside="tasks a second">
        <RatesChart />
      </Section>
      <Section title="Queues" aside={<Link to="/queues">All queues</Link>}>
        <BusiestQueues />
      </Section>
    </>
  );
}

const TILES = ['scheduled', 'pending', 'out', 'retrying', 'succeeded', 'failed', 'cancelled'] as const;

const NO_LEADER = 'Nobody leads, and so nobody counts.';
const LIMITED = 'You see some queues only: their counts are in the list of queues.';

/** Each is a list. */
function Tiles({ view }: { view: View }): JSX.Element {
  const { tasks } = view;
  if (tasks === null) return <p class="muted">{view.leader === null ? NO_LEADER : LIMITED}</p>;
  return (
    <ul class="tiles">
      {TILES.map((name) => (
        <li key={name}>
          <Link
            to={`/tasks?q=${encodeURIComponent(`state:${name === 'out' ? 'assigned,running' : name}`)}`}
            data-testid={`tile-${name}`}
            title={meaningOf(name)}
          >
            <span class={`tile-name ${name}`}>
              <Icon name={iconOf(name)} />
              {name}
            </span>
            <span class="value">{count(tasks[name])}</span>
            {name === 'out' && (
              <span class="muted small">
                <span data-testid="tile-running">{count(tasks.running)}</span> running
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  );
}

const iconOf = (name: (typeof TILES)[number]): IconName => (name === 'out' ? 'run' : STATES[name].icon);
const meaningOf = (name: (typeof TILES)[number]): string =>
  name === 'out' ? 'handed out to workers; running is the part of it that workers say they run' : STATES[name].meaning;

function FirstSteps({ view }: { view: View }): JSX.Element {
  if (view.workers.slots === 0)
    return (
      <Empty title="No worker is there, and no task yet" command="drover worker">
        A worker runs tasks. Start one, then submit something.
      </Empty>
    );
  return (
    <Empty title="No task has been submitted yet" command={`drover submit echo --payload '{"hello": "world"}'`}>
      Tasks and their queues appear here. <Link to="/submit">Submit one from here</Link>, or by the command.
    </Empty>
  );
}
