import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import { useQuery } from '../data/query.js';
import { right } from '../data/rights.js';
import type { Places, Task } from '../data/types.js';
import { Code, JsonView } from '../ui/code.js';
import { Empty, Loading, Problem } from '../ui/empty.js';
import { Icon } from '../ui/icon.js';
import { isOver } from './task-actions.js';

/** Payloads and results are fetched when they are looked at, and each look is in the audit log. */
export function PayloadTab({ task }: { task: Task }): JSX.Element {
  const allowed = right('see-payloads');
  const { data, error, refresh } = useQuery(allowed.allowed ? '/v1/tasks/:id' : null, { id: task.id, payload: '1' });
  if (!allowed.allowed) return <Hidden what="Payloads" why={allowed.why} />;
  if (data === undefined) return error === undefined ? <Loading /> : <Problem error={error} onRetry={refresh} />;
  if (data.payload === undefined)
    return (
      <Empty title="No payload is stored">
        It was submitted without one, it is erased, or its batch has finished: only failed tasks keep theirs then.
      </Empty>
    );
  return <JsonView value={data.payload} what="payload" testId="payload" />;
}

export function ResultTab({ task }: { task: Task }): JSX.Element {
  const allowed = right('see-payloads');
  const isWanted = allowed.allowed && isOver(task.state);
  const { data, error, refresh } = useQuery(isWanted ? '/v1/tasks/:id/result' : null, { id: task.id });
  if (!isOver(task.state)) return <Empty title="No result yet">The task has not ended: it is {task.state}.</Empty>;
  if (!allowed.allowed) return <Hidden what="Results" why={allowed.why} />;
  if (data === undefined) return error === undefined ? <Loading /> : <Problem error={error} onRetry={refresh} />;
  const failure = 'error' in data ? data.error : undefined;
  if (failure !== undefined) {
    const stack = failure.stack;
    return (
      <Code
        text={typeof stack === 'string' ? stack : `${failure.name}: ${failure.message}`}
        what="error"
        label="Error"
      />
    );
  }
  if (!('result' in data) || data.result === undefined)
    return <Empty title="It has no result">A handler may return nothing.</Empty>;
  return <JsonView value={data.result} what="result" testId="result" />;
}

export function RawTab({ task, places }: { task: Task; places: Places | undefined }): JSX.Element {
  return (
    <>
      <JsonView value={task} what="document" />
      {places !== undefined && (
        <ul class="plain znodes" aria-label="Znodes">
          {places.znodes.map(({ path, what }) => (
            <li key={path} data-testid="znode">
              <span class="muted small">{what}</span> <ZnodePath path={path} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** A link for those who may look at znodes. */
const ZnodePath = ({ path }: { path: string }): JSX.Element =>
  right('administer').allowed ? (
    <Link to={`/cluster?znode=${encodeURIComponent(path)}`} class="id">
      {path}
    </Link>
  ) : (
    <code class="id">{path}</code>
  );

function Hidden({ what, why }: { what: string; why: string }): JSX.Element {
  return (
    <div class="problem info" role="note">
      <Icon name="locked" />
      <p>
        {what} are not shown to you: reading them {why}.
      </p>
    </div>
  );
}
