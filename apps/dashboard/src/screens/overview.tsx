import type { ComponentChildren, JSX } from 'preact';
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
import { sumOf } from './sum-of-queues.js';

/** Whether work flows: who leads, what waits, what fails; then the numbers. */
export default function Overview(): JSX.Element {
  const query = useQuery('/v1/overview', {}, OVERVIEW);
  const { data, error } = query;
  return (
    <Page title="Overview" actions={data !== undefined && <AsOf at={query.asOf ?? data.at} />}>
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
  const { leader, rates, failedLastHour, workers, at } = view;
  const leadsMs = (leader?.sinceMs ?? 0) + Math.max(0, now.value - at);
  return (
    <div class="pulse panel">
      <Beat
        name="Leader"
        tone={leader === null ? 'bad' : undefined}
        value={leader?.id ?? 'nobody'}
        note={
          leader === null
            ? 'nothing is started until a scheduler leads'
            : `epoch ${count(leader.epoch)}${leader.sinceMs === null ? '' : `, for ${duration(leadsMs)}`}`
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
          rates === null
            ? isLimited(view)
              ? 'you see some queues only'
              : 'only a leader counts'
            : `${rate(rates.submitted)} submitted, ${rate(rates.failed)} failed`
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
  const { oldestPendingMs, tasks, at, leader } = view;
  const waits = oldestPendingMs === null ? null : oldestPendingMs + Math.max(0, now.value - at);
  return (
    <Beat
      name="Oldest wait"
      testId="oldest-wait"
      tone={waits !== null && waits > 60_000 ? 'warn' : undefined}
      value={waits !== null ? duration(Math.floor(waits / 1_000) * 1_000) : leader === null ? '–' : 'none'}
      note={leader === null ? 'only a leader knows' : waits === null ? 'nothing is due and waits' : pendingText(tasks)}
    />
  );
}

const pendingText = (tasks: View['tasks']): string => (tasks === null ? '' : `${count(tasks.pending)} pending`);

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
      {!isLimited(view) && (
        <Section title="Last hour" aside="tasks a second">
          <RatesChart />
        </Section>
      )}
      <Section title="Queues" aside={<Link to="/queues">All queues</Link>}>
        <BusiestQueues />
      </Section>
    </>
  );
}

const TILES = ['scheduled', 'pending', 'out', 'retrying', 'succeeded', 'failed', 'cancelled'] as const;

/** Numbers of all queues together are not told to whoever sees some of them. */
const isLimited = ({ tasks, leader }: View): boolean => tasks === null && leader !== null;

const NO_LEADER = 'Nobody leads, and so nobody counts.';

/** Each is a list. */
function Tiles({ view }: { view: View }): JSX.Element {
  const { tasks } = view;
  if (tasks === null) return !isLimited(view) ? <p class="muted">{NO_LEADER}</p> : <OwnTiles />;
  return (
    <ul class="tiles">
      {TILES.map((name) => (
        <Tile key={name} name={name} value={tasks[name]}>
          {name === 'out' && (
            <span class="muted small">
              <span data-testid="tile-running">{count(tasks.running)}</span> running
            </span>
          )}
        </Tile>
      ))}
    </ul>
  );
}

const UNFINISHED = ['scheduled', 'pending', 'out', 'retrying'] as const;

/** Of the queues that the user may see; what has ended is not counted by queue. */
function OwnTiles(): JSX.Element {
  const { data } = useQuery('/v1/queues', { limit: 500 }, { topics: ['queues'] });
  if (data === undefined) return <Loading />;
  const sum = sumOf(data.items);
  return (
    <div class="stack tight">
      <ul class="tiles">
        {UNFINISHED.map((name) => (
          <Tile key={name} name={name} value={sum[name]} />
        ))}
      </ul>
      <p class="muted small">
        {data.items.length === 0 ? 'None of the queues that you may see has tasks.' : ofQueues(data)}
      </p>
    </div>
  );
}

const ofQueues = ({ items, next }: { items: readonly unknown[]; next: string | null }): string =>
  next === null
    ? `Of the ${counted(items.length, 'queue')} that you may see.`
    : `Of the first ${counted(items.length, 'queue')} that you may see; there are more.`;

interface TileProps {
  name: (typeof TILES)[number];
  value: number;
  children?: ComponentChildren;
}

function Tile({ name, value, children }: TileProps): JSX.Element {
  return (
    <li>
      <Link
        to={`/tasks?q=${encodeURIComponent(`state:${name === 'out' ? 'assigned,running' : name}`)}`}
        data-testid={`tile-${name}`}
        title={meaningOf(name)}
      >
        <span class={`tile-name ${name}`}>
          <Icon name={iconOf(name)} />
          {name}
        </span>
        <span class="value">{count(value)}</span>
        {children}
      </Link>
    </li>
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
