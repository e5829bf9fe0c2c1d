import type { JSX } from 'preact';
import { api } from '../../data/api.js';
import { useQuery } from '../../data/query.js';
import type { Scheduler } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { Badge } from '../../ui/badge.js';
import { ask } from '../../ui/dialog.js';
import { Empty } from '../../ui/empty.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { because } from '../because.js';
import { Shown } from '../shown.js';

const COLUMNS: readonly Column<Scheduler>[] = [
  { head: 'Scheduler', main: true, cell: ({ id }) => id },
  {
    head: 'Role',
    cell: ({ role }) =>
      role === 'leader' ? (
        <Badge tone="info" icon="star">
          leader
        </Badge>
      ) : (
        <Badge tone="mute">stands by</Badge>
      ),
  },
  { head: 'Version', cell: ({ version }) => version },
  { head: 'Host', cell: ({ host, pid }) => `${host}, process ${pid}` },
  {
    head: 'API',
    wide: true,
    cell: ({ api: url }) => (url === undefined ? <span class="muted">none</span> : <code>{url}</code>),
  },
  { head: 'Zone data', wide: true, title: 'The version of its rules of time zones', cell: ({ tz }) => tz ?? '–' },
  { head: 'Since', align: 'end', cell: ({ startedAt }) => <Ago at={startedAt} /> },
  { head: 'Action', cell: (scheduler) => scheduler.role === 'leader' && <Resign scheduler={scheduler} /> },
];

/** All replicas, with their versions. */
export function Schedulers({ leader }: { leader: string | null }): JSX.Element {
  const query = useQuery('/v1/schedulers', {}, { topics: ['schedulers'], everyMs: 10_000 });
  const versions = new Set(query.data?.items.map(({ version }) => version));
  return (
    <Section
      title="Schedulers"
      aside={
        versions.size > 1 && (
          <Badge tone="warn" icon="warn">
            different versions: {[...versions].sort().join(', ')}
          </Badge>
        )
      }
    >
      <Shown of={query}>
        {({ items }) => (
          <Table
            caption="Schedulers"
            rows={[...items]
              .sort((a, b) => Number(b.id === leader) - Number(a.id === leader) || a.id.localeCompare(b.id))
              .slice(0, 50)}
            columns={COLUMNS}
            rowKey={({ id }) => id}
            rowTestId={({ id }) => `scheduler-row-${id}`}
            empty={
              <Empty title="No scheduler is registered" command="drover scheduler">
                One scheduler leads, the others stand by.
              </Empty>
            }
          />
        )}
      </Shown>
    </Section>
  );
}

function Resign({ scheduler: { id } }: { scheduler: Scheduler }): JSX.Element {
  const resign = (): void =>
    ask({
      title: `Ask ${id} to hand over?`,
      body: (
        <p>
          It gives the lead to another scheduler and stands by. Tasks that run go on; for a moment nothing new is
          started. If no other scheduler is there, it takes the lead again.
        </p>
      ),
      confirm: 'Hand over',
      tone: 'danger',
      reason: 'required',
      run: async (reason) => {
        await api.post('/v1/schedulers/:name/resign', { name: id }, because(reason));
        return `${id} hands over`;
      },
    });
  return (
    <Action permission="administer" action="resign" onClick={resign}>
      Hand over
    </Action>
  );
}
