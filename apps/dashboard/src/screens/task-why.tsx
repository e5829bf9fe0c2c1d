import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import type { Query } from '../data/query.js';
import type { Why } from '../data/types.js';
import { Badge } from '../ui/badge.js';
import { Loading, Problem } from '../ui/empty.js';
import { count, duration, rate } from '../ui/format.js';
import { Facts, type Fact } from '../ui/page.js';
import { Table, type Column } from '../ui/table.js';
import { Ago } from '../ui/time.js';

/** Everything that the leader looks at before it starts the task, in its order. */
export function WhyTab({ why }: { why: Query<Why> }): JSX.Element {
  const { data, error, refresh } = why;
  if (data === undefined)
    return error === undefined ? <Loading text="Asking the leader" /> : <Problem error={error} onRetry={refresh} />;
  return (
    <>
      <ul class="reasons">
        {data.reasons.map(({ code, blocking, text }) => (
          <li key={code + text}>
            {blocking ? (
              <Badge tone="warn" icon="stop">
                blocks
              </Badge>
            ) : (
              <Badge tone="mute" icon="info">
                note
              </Badge>
            )}
            <span>{text}</span>
            <code class="muted">{code}</code>
          </li>
        ))}
      </ul>
      {data.line !== null && <Line line={data.line} />}
      {data.workers !== null && <Workers workers={data.workers} />}
      <p class="muted small">
        {data.asOf === null ? (
          'The znodes tell this: nobody leads.'
        ) : (
          <>
            The leader said so <Ago at={data.asOf} />.
          </>
        )}
      </p>
    </>
  );
}

function Line({ line }: { line: NonNullable<Why['line']> }): JSX.Element {
  const items: Fact[] = [
    ['Ahead in line', `${line.exact ? '' : '≥ '}${count(line.ahead)}`, 'Waiting tasks that go first'],
    ['The line moves', line.perSecond === null ? 'not known yet' : `${rate(line.perSecond)} a second`],
    ['Its turn', line.etaMs === null ? 'not known yet' : `in about ${duration(line.etaMs)}`],
  ];
  return <Facts items={items} />;
}

type Verdict = NonNullable<Why['workers']>['table'][number];
const VERDICTS: readonly Column<Verdict>[] = [
  { head: 'Worker', main: true, cell: ({ worker }) => worker },
  { head: 'Verdict', cell: ({ verdict }) => verdict },
  { head: 'Free slots', align: 'end', cell: ({ free }) => count(free) },
];

function Workers({ workers }: { workers: NonNullable<Why['workers']> }): JSX.Element {
  const { total, eligible, filtered, table } = workers;
  const excluded = Object.entries(filtered)
    .flatMap(([why, each]): [string, number][] =>
      typeof each === 'number' ? [[why, each]] : Object.entries(each).map(([name, n]) => [`${why} ${name}`, n]),
    )
    .filter(([, each]) => each > 0);
  return (
    <div>
      <p>
        <b>{count(eligible)}</b> of {count(total)} <Link to="/workers">workers</Link> could take it now
        {excluded.length > 0 && `; left out: ${excluded.map(([why, each]) => `${count(each)} for ${why}`).join(', ')}`}.
      </p>
      {table.length > 0 && (
        <Table
          caption="What the leader says of each worker"
          columns={VERDICTS}
          rows={table}
          rowKey={({ worker }) => worker}
          rowTo={({ worker }) => `/workers/${encodeURIComponent(worker)}`}
        />
      )}
    </div>
  );
}
