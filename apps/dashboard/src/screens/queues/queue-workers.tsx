import type { JSX } from 'preact';
import { Link } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import type { LimitRow, QueueDoc } from '../shapes.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { Section } from '../../ui/page.js';
import { inWords } from '../limits/limit-words.js';
import { byHealth, fleetOf } from '../workers/health.js';
import { useWalk, useWalkOn } from '../walk-on.js';
import { typesOf, type TypeCount } from './types-of.js';

const SAMPLE = 200;

/** The types of a queue's tasks, the workers that offer them, and the limits that hold for the queue. */
export function QueueWorkers({ queue }: { queue: QueueDoc }): JSX.Element {
  const { name } = queue;
  const walk = useWalk(name, null);
  const tasks = useQuery(
    '/v1/tasks',
    {
      q: `queue:${name} state:pending,assigned,running,retrying,scheduled`,
      limit: SAMPLE,
      ...(walk.cursor === null ? {} : { cursor: walk.cursor }),
    },
    { topics: ['queues'], gapMs: 10_000 },
  );
  const isWalking = useWalkOn(walk, tasks.data);
  const types = typesOf(tasks.data?.items ?? []);
  return (
    <div class="columns">
      <Section
        title="Types inside"
        aside={
          tasks.data === undefined || tasks.data.next === null || types.length === 0 ? null : (
            <span class="muted">of the newest {SAMPLE} tasks</span>
          )
        }
      >
        <Types types={types} queue={queue} isKnown={tasks.data !== undefined && !isWalking} />
      </Section>
      <Section title="Served by">
        <Servers types={types.map(({ type }) => type)} />
      </Section>
      <Limits queue={name} />
    </div>
  );
}

function Types({
  types,
  queue,
  isKnown,
}: {
  types: readonly TypeCount[];
  queue: QueueDoc;
  isKnown: boolean;
}): JSX.Element {
  if (types.length === 0)
    return isKnown ? (
      <Empty title="No unfinished tasks" command={`drover submit echo --queue ${queue.name}`}>
        Types of its tasks appear here.
      </Empty>
    ) : (
      <p class="muted">…</p>
    );
  const unserved = new Set(queue.live?.unservedTypes ?? []);
  return (
    <ul class="plain">
      {types.slice(0, 20).map(({ type, tasks }) => (
        <li key={type} class="row">
          <Link to={`/tasks?q=${encodeURIComponent(`queue:${queue.name} type:${type}`)}`}>{type}</Link>
          <span class="muted">{count(tasks)}</span>
          {unserved.has(type) && <Badge tone="bad">no worker offers it</Badge>}
        </li>
      ))}
    </ul>
  );
}

function Servers({ types }: { types: readonly string[] }): JSX.Element {
  const { data } = useQuery('/v1/workers', { limit: 500 }, { topics: ['workers'], everyMs: 5_000 });
  if (data === undefined) return <p class="muted">…</p>;
  const serving = data.items.filter(
    (worker) => types.length === 0 || worker.types.some((type) => types.includes(type)),
  );
  if (serving.length === 0)
    return (
      <Empty
        title={data.items.length === 0 ? 'No worker is registered' : 'No worker offers its types'}
        command="drover worker --handlers ./handlers.js"
      >
        A worker with a handler for one of these types serves the queue.
      </Empty>
    );
  return (
    <ul class="plain">
      {byHealth(serving, fleetOf(data.items, []))
        .slice(0, 20)
        .map(({ worker, health }) => (
          <li key={worker.id} class="row">
            <Link to={`/workers/${encodeURIComponent(worker.name)}`}>{worker.name}</Link>
            <span class="muted">
              {count(worker.out)} of {count(worker.capacity)}
            </span>
            <Badge tone={health.tone} title={health.text}>
              {health.word}
            </Badge>
          </li>
        ))}
      {serving.length > 20 && <li class="muted">and {count(serving.length - 20)} more</li>}
    </ul>
  );
}

function Limits({ queue }: { queue: string }): JSX.Element | null {
  const { data } = useQuery('/v1/limits', { limit: 500 }, { topics: ['queues'], gapMs: 10_000 });
  const limits = ((data?.items ?? []) as LimitRow[]).filter(
    ({ spec }) => spec.on !== null && (spec.on.queue ?? queue) === queue,
  );
  if (limits.length === 0) return null;
  return (
    <Section title="Limits that hold here">
      <ul class="plain">
        {limits.map(({ name, spec, waiting }) => (
          <li key={name} class="row">
            <Link to={`/limits/${encodeURIComponent(name)}`}>{name}</Link>
            <span class="muted">{inWords(spec)}</span>
            {waiting !== undefined && waiting > 0 && <Badge tone="info">{count(waiting)} wait for it</Badge>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
