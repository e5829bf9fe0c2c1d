import type { JSX } from 'preact';
import { place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { Action } from '../../ui/action.js';
import { openBulk } from '../../ui/bulk.js';
import { Empty, Loading } from '../../ui/empty.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { Shown } from '../shown.js';
import { useWalk, useWalkOn } from '../walk-on.js';

interface Dead {
  id: string;
  type: string;
  queue: string;
  attempts: number;
  diedAt: number;
  error: { name: string; message: string };
}

const COLUMNS: readonly Column<Dead>[] = [
  { head: 'Died', cell: ({ diedAt }) => <Ago at={diedAt} /> },
  { head: 'Task', main: true, cell: ({ id }) => <code>{id}</code> },
  { head: 'Type', cell: ({ type }) => type },
  { head: 'Error', cell: ({ error }) => <span class="message">{`${error.name}: ${error.message}`}</span> },
  { head: 'Attempts', align: 'end', wide: true, cell: ({ attempts }) => attempts },
  { head: 'Queue', wide: true, cell: ({ queue }) => queue },
];

/** Failed tasks that are kept: whoever retries one runs it again with all its attempts. */
export function DeadList({ q }: { q: string }): JSX.Element {
  const asked = place.value.query.get('cursor');
  const walk = useWalk(`${q} ${asked}`, asked);
  const { cursor } = walk;
  const dead = useQuery(
    '/v1/dead',
    { q, limit: 50, ...(cursor === null ? {} : { cursor }) },
    { topics: ['failures'], gapMs: 5_000, held: cursor !== null },
  );
  const isWalking = useWalkOn(walk, dead.data);
  if (isWalking) return <Loading text="Searching" />;
  return (
    <Shown of={dead}>
      {(list) => (
        <>
          {list.items.length > 0 && (
            <p class="row">
              <Action
                permission="operate"
                action="bulk"
                icon="again"
                onClick={() => openBulk({ action: 'retry', filter: `state:failed ${q}`.trim() })}
              >
                Retry all that match
              </Action>
              <Action
                permission="operate"
                action="bulk"
                icon="again"
                onClick={() => openBulk({ action: 'retry', filter: `state:failed ${q}`.trim(), move: true })}
              >
                Retry in another queue
              </Action>
              <Action
                permission="administer"
                action="purge"
                icon="trash"
                onClick={() => openBulk({ action: 'purge', filter: `state:failed ${q}`.trim() })}
              >
                Purge all that match
              </Action>
              <span class="muted">The next step counts them before anything is done.</span>
            </p>
          )}
          <Table
            caption="Dead letters, the newest first"
            rows={list.items}
            columns={COLUMNS}
            rowKey={({ id }) => id}
            rowTo={({ id }) => `/tasks/${id}`}
            empty={
              <Empty
                title={q === '' ? 'There are no dead letters' : 'No dead letter fits the filter'}
                command="drover dead ls"
              >
                A task that fails for good stays here with its payload and error until it is retried, or retention
                removes it.
              </Empty>
            }
          />
          <Pager list={list} cursor={asked} onCursor={(to) => setQuery({ cursor: to }, { replace: false })} />
        </>
      )}
    </Shown>
  );
}
