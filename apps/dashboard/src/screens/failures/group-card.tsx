import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import type { FailureGroup } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { openBulk } from '../../ui/bulk.js';
import { Code } from '../../ui/code.js';
import { count, counted } from '../../ui/format.js';
import { Spark } from '../../ui/spark.js';
import { Ago } from '../../ui/time.js';
import { EntryList } from './entry-list.js';
import { entriesOfGroup, filterOfGroup } from './group-filter.js';

/** Failures of one type with one error. Opened, it shows the stack once, and the entries. */
export function GroupCard({ group }: { group: FailureGroup }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { type, error, message, first, last, perMinute } = group;
  const lately = perMinute.reduce((sum, n) => sum + n, 0);
  return (
    <article class="card group" data-testid="failure-group">
      <div class="group-head">
        <strong class="group-count" title={counted(group.count, 'failure')}>
          {count(group.count)}
        </strong>
        <div class="group-what">
          <h2>
            <Link to={`/tasks?q=${encodeURIComponent(`type:${type} state:failed`)}`}>{type}</Link>{' '}
            <span class="bad-text">{error}</span>
          </h2>
          <p class="mono message">{message}</p>
          <p class="muted small">
            first <Ago at={first} /> · last <Ago at={last} /> · {namesOf('queue', group.queues)} ·{' '}
            {namesOf('worker', group.workers)}
          </p>
        </div>
        <div class="group-side">
          <Spark values={perMinute} tone="bad" label={`${counted(lately, 'failure')} in the last hour`} />
          <div class="row end">
            <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? 'Hide' : 'Show'}
            </button>
            <Action
              permission="operate"
              action="bulk"
              icon="again"
              onClick={() => openBulk({ action: 'retry', filter: filterOfGroup(group) })}
            >
              Retry
            </Action>
          </div>
        </div>
      </div>
      {isOpen && <Opened group={group} />}
    </article>
  );
}

function namesOf(kind: 'queue' | 'worker', names: readonly string[]): JSX.Element {
  if (names.length === 0) return <>no {kind}</>;
  return (
    <>
      {kind}{' '}
      {names.slice(0, 3).map((name, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <Link to={`/${kind}s/${encodeURIComponent(name)}`}>{name}</Link>
        </span>
      ))}
      {names.length > 3 && ` and ${names.length - 3} more`}
    </>
  );
}

function Opened({ group }: { group: FailureGroup }): JSX.Element {
  const [example] = group.examples;
  const task = useQuery(example === undefined ? null : '/v1/tasks/:id', { id: example ?? '' });
  const stack = task.data?.error?.stack;
  return (
    <div class="group-more">
      {typeof stack === 'string' && <Code text={stack} what="stack" label="Stack of the newest failure" />}
      {task.error !== undefined && <p class="muted">The newest task of it is not kept any more.</p>}
      <EntryList q={entriesOfGroup(group)} limit={20} empty="Its entries are not in memory any more." />
    </div>
  );
}
