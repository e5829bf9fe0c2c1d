import type { JSX } from 'preact';
import { Link } from '../../app/router.js';
import type { ScreenProps } from '../../app/screens.js';
import { useQuery } from '../../data/query.js';
import type { Worker as WorkerDoc } from '../../data/types.js';
import { Empty } from '../../ui/empty.js';
import { Facts, Page, Section } from '../../ui/page.js';
import { Ago } from '../../ui/time.js';
import { ByWhom } from '../by-whom.js';
import { EntryList } from '../failures/entry-list.js';
import { Shown } from '../shown.js';
import { Title } from '../title.js';
import { VerdictLine } from '../verdict.js';
import { useWindow } from '../window.js';
import { fleetOf, healthOf } from './health.js';
import { Labels } from './labels.js';
import { RunningTasks } from './running-tasks.js';
import { Slots } from './slots.js';
import { WorkerActions } from './worker-actions.js';

/** A worker: how it is, what it runs, what failed on it. */
export default function Worker({ params }: ScreenProps): JSX.Element {
  const name = params.name ?? '';
  const query = useQuery('/v1/workers/:name', { name }, { topics: ['workers'], everyMs: 2_000 });
  return (
    <Page
      title={name}
      heading={<Title kind="Worker" name={query.data?.name ?? name} />}
      actions={query.data && <WorkerActions worker={query.data} />}
    >
      <Shown of={query}>{(worker) => <Body worker={worker} />}</Shown>
    </Page>
  );
}

function Body({ worker }: { worker: WorkerDoc }): JSX.Element {
  const all = useQuery('/v1/workers', { limit: 500 });
  const failures = useQuery('/v1/failures', { limit: 500 }, { topics: ['failures'], gapMs: 10_000 });
  const health = healthOf(worker, fleetOf(all.data?.items ?? [worker], failures.data?.items ?? []));
  return (
    <>
      <VerdictLine of={health} testId="worker-sentence">
        {firstUpper(health.text)}.
      </VerdictLine>
      <Facts
        items={[
          ['Slots', <Slots worker={worker} />, 'Tasks that it runs and that wait at it, of how many it runs at a time'],
          ['Host', `${worker.host}, process ${worker.pid}`],
          ['Version', worker.version],
          ['Registered', <Ago at={worker.startedAt} />],
          ['Weight', String(worker.weight), 'Its share of the tasks, with the strategy weighted'],
          ['Labels', <Labels labels={worker.labels} />],
          worker.drainedBy === undefined ? null : ['Drained by', <ByWhom change={worker.drainedBy} />],
        ]}
      />
      <RunningTasks worker={worker} />
      <Types worker={worker} />
      <Section
        title="Last failures here"
        aside={<Link to={`/failures?q=${encodeURIComponent(`worker:${worker.name}`)}`}>all of them</Link>}
      >
        <EntryList q={`worker:${worker.name}`} limit={10} empty="Nothing failed here lately." />
      </Section>
    </>
  );
}

const firstUpper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Types({ worker: { types, concurrency } }: { worker: WorkerDoc }): JSX.Element {
  return (
    <Section
      title="Types that it offers"
      aside={<span>with how many of them it runs at a time, where that is less than its slots</span>}
    >
      {types.length === 0 ? (
        <Empty title="It offers no type" command="drover worker --handlers ./handlers.js">
          It has no handlers, so it gets no tasks.
        </Empty>
      ) : (
        <TypeChips types={types} concurrency={concurrency ?? {}} />
      )}
    </Section>
  );
}

function TypeChips({
  types,
  concurrency,
}: {
  types: readonly string[];
  concurrency: Readonly<Record<string, number>>;
}): JSX.Element {
  const { shown, more } = useWindow([...types].sort());
  return (
    <>
      <ul class="row">
        {shown.map((type) => (
          <li key={type} class="chip">
            <Link to={`/tasks?q=${encodeURIComponent(`type:${type}`)}`}>{type}</Link>
            {concurrency[type] !== undefined && <b>{concurrency[type]}</b>}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
