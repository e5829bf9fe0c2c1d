import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import type { Task } from '../data/types.js';
import { count } from '../ui/format.js';

/** The step of the run that a task is in. */
export const toRun = ({ run, step }: NonNullable<Task['flow']>): string =>
  `/flows/${encodeURIComponent(run)}?step=${encodeURIComponent(step)}`;

/** Says of which run or broadcast a task is a part; nothing where it stands for itself. */
export function TaskPart({ task: { flow, broadcast, onlyWorker } }: { task: Task }): JSX.Element | null {
  if (flow !== undefined)
    return (
      <div data-testid="task-part">
        Step{' '}
        <Link to={toRun(flow)} class="strong">
          {flow.step}
          {flow.index !== undefined && `, item ${count(flow.index)}`}
        </Link>{' '}
        of the run <code class="id">{flow.run}</code>
      </div>
    );
  if (broadcast !== undefined)
    return (
      <div data-testid="task-part">
        Part of the broadcast{' '}
        <Link to={`/broadcasts/${encodeURIComponent(broadcast)}`} class="id">
          {broadcast}
        </Link>
        {onlyWorker !== undefined && <>, for {onlyWorker} alone</>}
      </div>
    );
  return null;
}
