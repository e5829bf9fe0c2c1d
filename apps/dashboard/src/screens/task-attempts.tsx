import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import type { Attempt, Task } from '../data/types.js';
import { OutcomeBadge } from '../ui/badge.js';
import { Code } from '../ui/code.js';
import { Empty } from '../ui/empty.js';
import { duration } from '../ui/format.js';
import { At } from '../ui/time.js';

/** How each attempt ended, the last one first, with its error and the end of its log. */
export function AttemptsTab({ task }: { task: Task }): JSX.Element {
  if (task.history.length === 0)
    return <Empty title="No attempt has ended yet">Each one appears here with how it ended.</Empty>;
  const ended = task.history.map((attempt, at) => ({ attempt, at })).reverse();
  return (
    <ol class="attempts">
      {ended.map(({ attempt, at }) => (
        <li key={at}>
          <Ended attempt={attempt} />
        </li>
      ))}
    </ol>
  );
}

function Ended({
  attempt: { attempt, outcome, worker, at, ms, error, by, reason, log },
}: {
  attempt: Attempt;
}): JSX.Element {
  const stack = error?.stack;
  return (
    <>
      <p class="attempt-head">
        <b>Attempt {attempt}</b> <OutcomeBadge outcome={outcome} />
        {worker !== null && (
          <span>
            on <Link to={`/workers/${encodeURIComponent(worker)}`}>{worker}</Link>
          </span>
        )}
        {ms !== undefined && <span>after {duration(ms)}</span>}
        <span class="muted">
          <At at={at} />
        </span>
      </p>
      {by !== undefined && (
        <p>
          Asked by <b>{by}</b>
          {reason !== undefined && `: ${reason}`}
        </p>
      )}
      {by === undefined && reason !== undefined && <p>{reason}</p>}
      {error !== undefined && (
        <Code
          text={typeof stack === 'string' ? stack : `${error.name}: ${error.message}`}
          what="error"
          label={`Error of attempt ${attempt}`}
        />
      )}
      {log !== undefined && log.length > 0 && (
        <details>
          <summary>The end of its log</summary>
          <Code text={log.join('\n')} what="log" label={`Log of attempt ${attempt}`} />
        </details>
      )}
    </>
  );
}
