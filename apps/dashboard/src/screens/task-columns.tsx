import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import type { TaskRow } from '../data/types.js';
import { StateBadge } from '../ui/badge.js';
import { shortened } from '../ui/format.js';
import { Ago, Until } from '../ui/time.js';
import type { Column } from '../ui/table.js';

const ERROR_LENGTH = 90;

export const TASK_COLUMNS: readonly Column<TaskRow>[] = [
  {
    head: 'Task',
    main: true,
    cell: ({ type, id }) => (
      <span class="task-name">
        <span>{type}</span>
        <span class="id">{id}</span>
      </span>
    ),
  },
  { head: 'State', cell: (row) => <StateCell row={row} /> },
  { head: 'Queue', cell: ({ queue }) => <Link to={`/queues/${encodeURIComponent(queue)}`}>{queue}</Link> },
  {
    head: 'Attempt',
    title: 'Attempts that began, of those that it may have',
    align: 'end',
    cell: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}`,
  },
  {
    head: 'Worker',
    wide: true,
    cell: ({ worker }) => worker !== undefined && <Link to={`/workers/${encodeURIComponent(worker)}`}>{worker}</Link>,
  },
  { head: 'Submitted', cell: ({ submittedAt }) => <Ago at={submittedAt} /> },
  {
    head: 'Error',
    wide: true,
    full: true,
    cell: ({ error }) =>
      error !== undefined && (
        <span class="bad-text small" title={`${error.name}: ${error.message}`}>
          {shortened(`${error.name}: ${error.message}`, ERROR_LENGTH)}
        </span>
      ),
  },
];

function StateCell({ row: { state, progress, dueAt } }: { row: TaskRow }): JSX.Element {
  return (
    <span class="state-cell">
      <StateBadge state={state} />
      {progress !== undefined && <span class="muted small">{Math.round(progress * 100)}%</span>}
      {dueAt !== undefined && (state === 'scheduled' || state === 'retrying') && (
        <span class="muted small nowrap">
          <Until at={dueAt} />
        </span>
      )}
    </span>
  );
}
