import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import { hiddenColumns } from '../data/settings.js';
import type { TaskRow } from '../data/types.js';
import { StateBadge } from '../ui/badge.js';
import { shortened } from '../ui/format.js';
import { NameWithId } from '../ui/name-with-id.js';
import { Ago, Until } from '../ui/time.js';
import type { Column } from '../ui/table.js';

const ERROR_LENGTH = 90;

const COLUMNS: readonly Column<TaskRow>[] = [
  {
    head: 'Task',
    main: true,
    cell: ({ type, id }) => <NameWithId name={type} id={id} />,
  },
  { head: 'State', cell: (row) => <StateCell row={row} /> },
  { head: 'Queue', cell: ({ queue }) => <Link to={`/queues/${encodeURIComponent(queue)}`}>{queue}</Link> },
  {
    head: 'Attempt',
    title: 'Attempts that began, of those that it may have',
    align: 'end',
    // The leader does not remember it of a task that has ended well.
    cell: ({ state, attempt, maxAttempts }) =>
      state === 'succeeded' && attempt === 0 ? '–' : `${attempt}/${maxAttempts}`,
  },
  {
    head: 'Worker',
    wide: true,
    cell: ({ worker }) => worker !== undefined && <Link to={`/workers/${encodeURIComponent(worker)}`}>{worker}</Link>,
  },
  { head: 'Submitted', cell: ({ submittedAt }) => <Ago at={submittedAt} /> },
  { head: 'Started', cell: ({ startedAt }) => startedAt !== undefined && <Ago at={startedAt} /> },
  { head: 'Finished', cell: ({ finishedAt }) => finishedAt !== undefined && <Ago at={finishedAt} /> },
  { head: 'Key', cell: ({ key }) => key !== undefined && <code>{key}</code> },
  { head: 'Tenant', cell: ({ tenant }) => tenant },
  { head: 'Priority', align: 'end', cell: ({ priority }) => priority ?? 0 },
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

/** Without these two nobody knows what a row is. */
const FIXED = ['Task', 'State'];

/** The columns that the user has not left out. */
export const taskColumns = (): readonly Column<TaskRow>[] =>
  COLUMNS.filter(({ head }) => FIXED.includes(head) || !hiddenColumns.value.includes(head));

/** Chooses the columns; this browser keeps the choice. */
export function ColumnChooser(): JSX.Element {
  const hidden = hiddenColumns.value;
  const choose = (head: string, isShown: boolean): void =>
    void (hiddenColumns.value = isShown ? hidden.filter((each) => each !== head) : [...hidden, head]);
  return (
    <details class="chooser">
      <summary class="button">Columns</summary>
      <fieldset class="panel">
        <legend class="hidden">Columns of the table</legend>
        {COLUMNS.filter(({ head }) => !FIXED.includes(head)).map(({ head }) => (
          <label key={head} class="check">
            <input
              type="checkbox"
              checked={!hidden.includes(head)}
              onChange={({ currentTarget }) => choose(head, currentTarget.checked)}
            />
            {head}
          </label>
        ))}
      </fieldset>
    </details>
  );
}

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
