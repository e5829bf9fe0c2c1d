import { DEFAULT_QUEUE_SETTINGS, NAME_PATTERN } from '@drover/core';
import type { JSX } from 'preact';
import { Link } from '../../app/router.js';
import type { ScreenProps } from '../../app/screens.js';
import { useQuery } from '../../data/query.js';
import { count, duration, rate } from '../../ui/format.js';
import { Facts, Page, type Fact } from '../../ui/page.js';
import { ByWhom } from '../by-whom.js';
import type { QueueDoc } from '../shapes.js';
import { Shown } from '../shown.js';
import { Title } from '../title.js';
import { VerdictLine } from '../verdict.js';
import { OutBar } from './out-bar.js';
import { QueueActions } from './queue-actions.js';
import { QueueCharts } from './queue-charts.js';
import { verdictOf } from './queue-sentence.js';
import { QueueSettings } from './queue-settings.js';
import { QueueWorkers } from './queue-workers.js';

/** A queue: whether its tasks run, and what changes that. One without tasks and settings is there all the same: empty. */
export default function Queue({ params }: ScreenProps): JSX.Element {
  const name = params.name ?? '';
  const query = useQuery('/v1/queues/:name', { name }, { topics: ['queues', 'workers'], everyMs: 2_000 });
  const queue = query.error?.code === 'queue-not-found' && NAME_PATTERN.test(name) ? emptyQueue(name) : query.data;
  return (
    <Page
      title={name}
      heading={<Title kind="Queue" name={name} />}
      actions={queue && <QueueActions queue={queue as QueueDoc} />}
    >
      {queue === undefined ? <Shown of={query}>{() => null}</Shown> : <Body queue={queue as QueueDoc} />}
    </Page>
  );
}

/** Queues need no declaring: this is one of which nothing is known. */
const emptyQueue = (name: string): QueueDoc => ({ ...DEFAULT_QUEUE_SETTINGS, name, pending: 0, out: 0 });

function Body({ queue }: { queue: QueueDoc }): JSX.Element {
  const verdict = verdictOf(queue);
  return (
    <>
      <VerdictLine of={verdict} testId="queue-sentence">
        {queue.paused && queue.pausedBy !== undefined ? (
          <>
            Paused by <ByWhom change={queue.pausedBy} />. {waiting(queue)}
          </>
        ) : undefined}
      </VerdictLine>
      <Numbers queue={queue} />
      <QueueCharts name={queue.name} />
      <QueueWorkers queue={queue} />
      <QueueSettings queue={queue} />
    </>
  );
}

const waiting = ({ pending }: QueueDoc): string =>
  pending === 0 ? 'Nothing waits.' : pending === 1 ? '1 task waits.' : `${count(pending)} tasks wait.`;

function Numbers({ queue }: { queue: QueueDoc }): JSX.Element {
  const { live, pending } = queue;
  const tasks = (state: string): string => `/tasks?q=${encodeURIComponent(`queue:${queue.name} state:${state}`)}`;
  const oldest = live?.oldestPendingMs;
  const failed = useQuery(
    '/v1/tasks/count',
    { q: `queue:${queue.name} state:failed` },
    { topics: ['queues'], gapMs: 5_000 },
  );
  return (
    <Facts
      items={[
        [
          'Oldest wait',
          oldest === undefined || oldest === null ? '–' : duration(oldest),
          'For how long the task that has been due longest waits',
        ],
        ['Pending', <Link to={tasks('pending')}>{count(pending)}</Link>, 'Tasks that are due and wait for a worker'],
        [
          'Out',
          <OutBar queue={queue} />,
          'Tasks that are handed out to workers: those that run, and those that wait there',
        ],
        [
          'Scheduled',
          <Link to={tasks('scheduled')}>{live === undefined ? '–' : count(live.scheduled)}</Link>,
          'Tasks that are not due yet',
        ],
        [
          'Retrying',
          <Link to={tasks('retrying')}>{live === undefined ? '–' : count(live.retrying)}</Link>,
          'Tasks that wait for their next attempt',
        ],
        [
          'Failed',
          <Link to={tasks('failed')}>
            {failed.data === undefined ? '–' : `${failed.data.exact ? '' : '≥ '}${count(failed.data.count)}`}
          </Link>,
          'Dead letters: failed tasks that are kept, and can be retried',
        ],
        ['Submitted', live === undefined ? '–' : `${rate(live.rates.submitted)} /s`, 'Per second, over the last 10 s'],
        ['Finished', live === undefined ? '–' : `${rate(live.rates.finished)} /s`, 'Per second, over the last 10 s'],
        ...tenantFacts(queue),
      ]}
    />
  );
}

function tenantFacts({ unfinished, maxPending, fullTenants }: QueueDoc): Fact[] {
  const facts: Fact[] = [];
  if (unfinished !== undefined && maxPending !== null)
    facts.push([
      'Unfinished',
      `${count(unfinished)} of ${count(maxPending)}`,
      'Submits are refused while so many tasks are unfinished',
    ]);
  if (fullTenants !== undefined && fullTenants > 0)
    facts.push([
      'Tenants at their bound',
      count(fullTenants),
      'Their submits are refused: as many of their tasks are unfinished as may be',
    ]);
  return facts;
}
