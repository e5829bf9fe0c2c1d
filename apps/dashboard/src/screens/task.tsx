import type { JSX } from 'preact';
import { useKeys } from '../app/keys.js';
import { Link, place, setQuery } from '../app/router.js';
import type { ScreenProps } from '../app/screens.js';
import type { ApiProblem } from '../data/problem.js';
import { useQuery, type Query } from '../data/query.js';
import type { Places, Task as View, Why } from '../data/types.js';
import { StateBadge } from '../ui/badge.js';
import { Copy } from '../ui/copy.js';
import { Empty, Loading, Problem } from '../ui/empty.js';
import { Page, Section } from '../ui/page.js';
import { Tabs } from '../ui/tabs.js';
import { AttemptsTab } from './task-attempts.js';
import { cancelTask, isOut, isOver, retryTask } from './task-actions.js';
import { TaskFacts } from './task-facts.js';
import { TaskPart, toRun } from './task-part.js';
import { LogsTab } from './task-logs.js';
import { TaskButtons } from './task-buttons.js';
import { PayloadTab, RawTab, ResultTab } from './task-values.js';
import { WhyTab } from './task-why.js';
import { Timeline } from './timeline.js';

/** How often the reason is asked for: it changes with what other tasks and workers do. */
const WHY_EVERY_MS = 2_000;

export default function Task({ params }: ScreenProps): JSX.Element {
  const id = params.id ?? '';
  const query = useQuery('/v1/tasks/:id', { id }, { topics: [`task:${id}`], gapMs: 500, everyMs: 5_000 });
  const task = query.data;
  const isWaiting = task !== undefined && !isOver(task.state);
  const why = useQuery(
    task === undefined ? null : '/v1/tasks/:id/why',
    { id },
    isWaiting ? { everyMs: WHY_EVERY_MS } : {},
  );
  // Asked once: a task that is there stays where it is.
  const places = useQuery('/v1/tasks/:id/places', { id }).data;
  useKeys({ r: () => task !== undefined && retryTask(task), c: () => task !== undefined && cancelTask(task) });
  if (task === undefined) return <Missing id={id} query={query} />;
  return (
    <Page
      title={`${task.type} ${task.state}`}
      heading={
        <>
          {task.type} <StateBadge state={task.state} testId="task-state" />
        </>
      }
      lead={
        <>
          <span class="task-id">
            <code>{task.id}</code>
            <Copy text={task.id} what="id" small />
          </span>
          <TaskPart task={task} />
        </>
      }
      actions={<TaskButtons task={task} />}
    >
      {query.error !== undefined && <Problem error={query.error} onRetry={query.refresh} />}
      <div class={query.stale ? 'stack stale' : 'stack'}>
        <Sentence task={task} why={why.data} unknown={why.error} />
        <Section title="Attempts" aside="hollow: waits · filled: runs">
          <Timeline task={task} />
        </Section>
        <TaskFacts task={task} places={places} />
        <TaskTabs task={task} why={why} places={places} />
      </div>
    </Page>
  );
}

function Missing({ id, query }: { id: string; query: Query<View> }): JSX.Element {
  const { error } = query;
  const isGone = error?.code === 'task-not-found' || error?.code === 'removed';
  return (
    <Page title="Task" lead={<code>{id}</code>}>
      {error === undefined && <Loading />}
      {error !== undefined && !isGone && <Problem error={error} onRetry={query.refresh} />}
      {isGone && (
        <Empty title={error.code === 'removed' ? 'Retention has removed this task' : 'There is no such task'}>
          {error.detail} <Link to="/tasks">See tasks that are kept</Link>
        </Empty>
      )}
    </Page>
  );
}

interface SentenceProps {
  task: View;
  why: Why | undefined;
  /** Why nobody can say why. */
  unknown: ApiProblem | undefined;
}

/** The state with its reason, and what to do next. */
function Sentence({ task, why, unknown }: SentenceProps): JSX.Element {
  const blocking = why?.reasons.find((reason) => reason.blocking) ?? why?.reasons[0];
  const hint = blocking?.hint;
  const tone = task.state === 'failed' ? 'bad' : isOver(task.state) || isOut(task.state) ? 'mute' : 'warn';
  return (
    <div class={`sentence ${tone}`}>
      <p class="strong" data-testid="why-sentence">
        {why !== undefined ? sentenceOf(why.sentence) : unknown === undefined ? '…' : sentenceOf(unknown.title)}
      </p>
      {task.state === 'failed' && task.error !== undefined && (
        <p>
          <b>{task.error.name}</b>: {task.error.message}
        </p>
      )}
      {task.note !== undefined && <p>{task.note}</p>}
      {typeof hint === 'string' && <p class="muted">{sentenceOf(hint)}</p>}
      <NextStep task={task} code={blocking?.code} />
    </div>
  );
}

const sentenceOf = (text: string): string => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};

function NextStep({ task, code }: { task: View; code: string | undefined }): JSX.Element | null {
  const queue = `/queues/${encodeURIComponent(task.queue)}`;
  const winner = task.supersededBy;
  if (winner !== undefined)
    return <Step to={`/tasks/${encodeURIComponent(winner)}`}>See the task that runs in its place</Step>;
  if (task.state === 'failed' && task.flow !== undefined)
    return <Step to={toRun(task.flow)}>See its run, which can be retried from this step once it has ended</Step>;
  if (task.state === 'failed')
    return (
      <Step to={`/failures?q=${encodeURIComponent(`type:${task.type}`)}`}>
        See whether others of its type fail, too
      </Step>
    );
  if (code === 'queue-paused' || code === 'queue-limit')
    return <Step to={queue}>See the queue, and who changed it</Step>;
  if (code === 'limit' || code === 'rate-limit') return <Step to="/limits">See limits</Step>;
  if (code === 'type-unserved' || code === 'no-worker' || code === 'all-draining' || code === 'all-full')
    return <Step to="/workers">See workers and the types that they offer</Step>;
  if (code === 'no-leader' || code === 'leader-reading') return <Step to="/cluster">See the cluster</Step>;
  return null;
}

const Step = ({ to, children }: { to: string; children: string }): JSX.Element => (
  <p>
    <Link to={to}>{children}</Link>
  </p>
);

interface TabsProps {
  task: View;
  why: Query<Why>;
  places: Places | undefined;
}

function TaskTabs({ task, why, places }: TabsProps): JSX.Element {
  const selected = place.value.query.get('tab') ?? (isOver(task.state) ? 'attempts' : 'why');
  return (
    <Tabs
      label="About this task"
      selected={selected}
      onSelect={(tab) => setQuery({ tab })}
      items={[
        { id: 'why', name: 'Why' },
        { id: 'attempts', name: `Attempts ${task.history.length}` },
        { id: 'logs', name: 'Logs' },
        { id: 'payload', name: 'Payload' },
        { id: 'result', name: task.state === 'failed' ? 'Error' : 'Result' },
        { id: 'raw', name: 'Raw' },
      ]}
    >
      {selected === 'why' && <WhyTab why={why} />}
      {selected === 'attempts' && <AttemptsTab task={task} />}
      {selected === 'logs' && <LogsTab task={task} />}
      {selected === 'payload' && <PayloadTab task={task} />}
      {selected === 'result' && <ResultTab task={task} />}
      {selected === 'raw' && <RawTab task={task} places={places} />}
    </Tabs>
  );
}
