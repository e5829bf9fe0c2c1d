import type { Shape } from '@drover/api';
import type { JSX } from 'preact';
import { Link, place, setQuery } from '../../app/router.js';
import type { ScreenProps } from '../../app/screens.js';
import { api } from '../../data/api.js';
import { useQuery, type Query } from '../../data/query.js';
import { right } from '../../data/rights.js';
import { Action } from '../../ui/action.js';
import { StateBadge } from '../../ui/badge.js';
import { JsonView } from '../../ui/code.js';
import { Copy } from '../../ui/copy.js';
import { ask } from '../../ui/dialog.js';
import { Empty, Loading, Problem } from '../../ui/empty.js';
import { count, duration, shortened } from '../../ui/format.js';
import { NameWithId } from '../../ui/name-with-id.js';
import { Facts, Page, Section } from '../../ui/page.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Ago, At, Until } from '../../ui/time.js';
import { because } from '../because.js';
import { Shown } from '../shown.js';
import { Title } from '../title.js';
import { VerdictLine } from '../verdict.js';
import { forWhom, standingOf } from './broadcast.decide.js';

type Broadcast = Shape<'broadcast'>;
type Reached = Shape<'broadcastWorker'>;

const LIMIT = 50;
const TOPICS = ['broadcasts'];
const TEXT_LENGTH = 120;

/** One broadcast: how it stands, and what became of it at each worker. */
export default function BroadcastPage({ params }: ScreenProps): JSX.Element {
  const id = params.id ?? '';
  const query = useQuery('/v1/broadcasts/:id', { id }, { topics: TOPICS });
  const broadcast = query.data;
  if (broadcast === undefined) return <Missing id={id} query={query} />;
  return (
    <Page
      title={`Broadcast ${broadcast.type}`}
      heading={<Title kind="Broadcast" name={broadcast.type} />}
      lead={
        <span class="task-id">
          <code>{id}</code>
          <Copy text={id} what="id" small />
        </span>
      }
      actions={<Cancel broadcast={broadcast} />}
    >
      {query.error !== undefined && <Problem error={query.error} onRetry={query.refresh} />}
      <div class={query.stale ? 'stack stale' : 'stack'}>
        <VerdictLine of={standingOf(broadcast)} testId="broadcast-sentence" />
        <BroadcastFacts broadcast={broadcast} />
        <Workers id={id} />
        <Payload broadcast={broadcast} />
      </div>
    </Page>
  );
}

function Missing({ id, query: { error, refresh } }: { id: string; query: Query<Broadcast> }): JSX.Element {
  const isGone = error?.code === 'broadcast-not-found' || error?.code === 'removed';
  return (
    <Page title="Broadcast" lead={<code>{id}</code>}>
      {error === undefined && <Loading />}
      {error !== undefined && !isGone && <Problem error={error} onRetry={refresh} />}
      {isGone && (
        <Empty title="There is no such broadcast">
          {error.detail} <Link to="/broadcasts">See broadcasts that are kept</Link>
        </Empty>
      )}
    </Page>
  );
}

function Cancel({ broadcast: { id, type, state, counts } }: { broadcast: Broadcast }): JSX.Element {
  return (
    <Action
      permission="operate"
      action="cancel"
      icon="stop"
      disabled={state === 'finished'}
      title={state === 'finished' ? 'it has finished' : undefined}
      onClick={() =>
        ask({
          title: `Cancel the broadcast of ${type}?`,
          body: (
            <p>
              Nobody joins it any more, and {count(counts.waiting)} of its tasks are cancelled: handlers that run are
              told to stop. What it did at {count(counts.succeeded)} workers is not undone.
            </p>
          ),
          confirm: 'Cancel broadcast',
          tone: 'danger',
          reason: 'required',
          run: async (reason) => {
            await api.post('/v1/broadcasts/:id/cancel', { id }, because(reason));
            return `The broadcast of ${type} is cancelled`;
          },
        })
      }
    >
      Cancel broadcast
    </Action>
  );
}

function BroadcastFacts({ broadcast }: { broadcast: Broadcast }): JSX.Element {
  const { queue, key, state, submittedAt, until, closed, finishedAt, client, by, reason } = broadcast;
  return (
    <Facts
      items={[
        ['For', forWhom(broadcast)],
        ['Queue', <Link to={`/queues/${encodeURIComponent(queue)}`}>{queue}</Link>],
        key === null ? null : ['Key', <code>{key}</code>, 'A newer broadcast with it takes the place of this one'],
        ['Started', <Ago at={submittedAt} />],
        state === 'open'
          ? ['Closes', <Until at={until} />, 'Until then workers join it, and workers that are gone are waited for']
          : null,
        closed === null ? null : ['Closed', <Closed closed={closed} />],
        finishedAt === null ? null : ['Finished', <At at={finishedAt} />],
        ['Asked by', <>{by ?? <span class="small">{client}</span>}</>, 'The person, or the program that started it'],
        reason === undefined ? null : ['Reason', reason],
      ]}
    />
  );
}

function Closed({ closed: { at, newer, by, reason } }: { closed: NonNullable<Broadcast['closed']> }): JSX.Element {
  return (
    <>
      <At at={at} />
      {newer !== undefined && (
        <small class="block">
          <Link to={`/broadcasts/${encodeURIComponent(newer)}`}>See the newer one</Link>
        </small>
      )}
      {by !== undefined && (
        <small class="muted block">
          by {by}
          {reason !== undefined && `: ${reason}`}
        </small>
      )}
    </>
  );
}

const COLUMNS: readonly Column<Reached>[] = [
  {
    head: 'Worker',
    main: true,
    cell: ({ worker, task }) => <NameWithId name={worker} id={task} />,
  },
  { head: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { head: 'Attempt', align: 'end', cell: ({ attempt }) => (attempt === 0 ? '–' : count(attempt)) },
  {
    head: 'Took',
    align: 'end',
    cell: ({ startedAt, finishedAt }) =>
      startedAt !== undefined && finishedAt !== undefined && duration(finishedAt - startedAt),
  },
  { head: 'Result', full: true, cell: (reached) => <Outcome of={reached} /> },
];

function Outcome({ of: { result, error } }: { of: Reached }): JSX.Element | null {
  if (error !== undefined) {
    const text = `${error.name}: ${error.message}`;
    return (
      <span class="bad-text small" title={text}>
        {shortened(text, TEXT_LENGTH)}
      </span>
    );
  }
  if (result === undefined || result === null) return <span class="muted">–</span>;
  return <code class="small">{shortened(JSON.stringify(result), TEXT_LENGTH)}</code>;
}

function Workers({ id }: { id: string }): JSX.Element {
  const cursor = place.value.query.get('cursor');
  const list = useQuery(
    '/v1/broadcasts/:id/workers',
    { id, limit: LIMIT, ...(cursor === null ? {} : { cursor }) },
    { topics: TOPICS },
  );
  return (
    <Section title="Workers" testId="broadcast-workers">
      <Shown of={list}>
        {(data) => (
          <>
            <Table
              caption="What became of it at each worker"
              rows={data.items}
              columns={COLUMNS}
              rowKey={({ worker }) => worker}
              rowTo={({ task }) => `/tasks/${encodeURIComponent(task)}`}
              rowTestId={({ worker }) => `reached-${worker}`}
              rowTone={({ state }) => (state === 'failed' ? 'bad' : undefined)}
              stale={list.stale}
              empty={
                <Empty title="It has reached no worker yet">
                  A worker that offers its type gets it as soon as it is there.
                </Empty>
              }
            />
            <Pager list={data} cursor={cursor} onCursor={(next) => setQuery({ cursor: next }, { replace: false })} />
          </>
        )}
      </Shown>
    </Section>
  );
}

function Payload({ broadcast: { payload } }: { broadcast: Broadcast }): JSX.Element {
  const allowed = right('see-payloads');
  return (
    <Section title="Payload">
      {!allowed.allowed ? (
        <p class="muted">Payloads are not shown to you: reading them {allowed.why}.</p>
      ) : payload === undefined ? (
        <p class="muted">It has none.</p>
      ) : (
        <JsonView value={payload} what="payload" />
      )}
    </Section>
  );
}
