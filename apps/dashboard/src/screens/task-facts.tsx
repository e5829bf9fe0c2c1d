import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import type { Places, Task } from '../data/types.js';
import { duration } from '../ui/format.js';
import { Facts, type Fact } from '../ui/page.js';
import { Ago, At, Until } from '../ui/time.js';

/** All that is known of a task beside its attempts; only what is set. */
export function TaskFacts({ task, places }: { task: Task; places: Places | undefined }): JSX.Element {
  const { queue, attempt, maxAttempts, worker, startedAt, finishedAt, dueAt, expiresAt, deadlineAt } = task;
  const items: (Fact | null)[] = [
    ['Queue', <Link to={`/queues/${encodeURIComponent(queue)}`}>{queue}</Link>],
    ['Attempt', `${attempt} of ${maxAttempts}`, 'Attempts that began, of those that it may have'],
    worker === null ? null : ['Worker', <Link to={`/workers/${encodeURIComponent(worker)}`}>{worker}</Link>],
    ['Submitted', <At at={task.submittedAt} />],
    dueAt === undefined ? null : ['Due', <Until at={dueAt} />, 'Before it, no worker gets the task'],
    startedAt === undefined ? null : ['Started', <Ago at={startedAt} />],
    finishedAt === undefined ? null : ['Finished', <At at={finishedAt} />],
    finishedAt === undefined ? null : ['Took', duration(finishedAt - task.submittedAt), 'From the submit to its end'],
    task.progress === undefined ? null : ['Progress', `${Math.round(task.progress * 100)}%`],
    task.timeoutMs === null ? null : ['Timeout', duration(task.timeoutMs), 'For how long an attempt may run'],
    expiresAt === undefined ? null : ['Expires', <Until at={expiresAt} />, 'It fails if it has not begun by then'],
    deadlineAt === undefined ? null : ['Deadline', <Until at={deadlineAt} />, 'It is ended then, wherever it is'],
    task.key === null ? null : ['Key', <code>{task.key}</code>],
    task.tenant === undefined ? null : ['Tenant', task.tenant],
    task.priority === undefined ? null : ['Priority', String(task.priority)],
    task.limits === undefined ? null : ['Limits', task.limits.join(', ')],
    task.after === undefined ? null : ['Runs after', <Dependencies ids={task.after} />],
    typeof places?.trace !== 'string' ? null : ['Trace', <Trace id={places.trace} url={places.traceUrl} />],
    ['Client', <span class="small">{task.client}</span>, 'The program that submitted it'],
  ];
  return <Facts items={items} />;
}

function Trace({ id, url }: { id: string; url: string | null }): JSX.Element {
  if (url === null) return <code class="id">{id}</code>;
  return (
    <a href={url} rel="noreferrer" target="_blank" title={id}>
      Open the trace
    </a>
  );
}

function Dependencies({ ids }: { ids: readonly string[] }): JSX.Element {
  return (
    <>
      {ids.map((id) => (
        <Link key={id} to={`/tasks/${encodeURIComponent(id)}`} class="id">
          {id}
        </Link>
      ))}
    </>
  );
}
