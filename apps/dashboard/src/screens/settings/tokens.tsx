import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { useQuery } from '../../data/query.js';
import type { Token } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { ask } from '../../ui/dialog.js';
import { Empty } from '../../ui/empty.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago, Until } from '../../ui/time.js';
import { Shown } from '../shown.js';
import { TokenDialog } from './token-dialog.js';

const COLUMNS: readonly Column<Token>[] = [
  { head: 'Name', main: true, cell: ({ name }) => name },
  { head: 'Id', cell: ({ id }) => <code>{id}</code> },
  { head: 'Roles', cell: ({ roles }) => roles.join(', ') },
  { head: 'Queues', cell: ({ queues }) => queues?.join(', ') ?? 'all' },
  { head: 'Made by', wide: true, cell: ({ createdBy }) => createdBy ?? '–' },
  { head: 'Made', align: 'end', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  { head: 'Expires', align: 'end', cell: ({ expiresAt }) => (expiresAt === null ? 'never' : <Until at={expiresAt} />) },
  {
    head: 'Action',
    cell: (token) => (
      <Action permission="administer" action="tokens" onClick={() => askRevoke(token)}>
        Revoke
      </Action>
    ),
  },
];

function askRevoke({ id, name }: Token): void {
  ask({
    title: `Revoke token ${name}?`,
    body: (
      <p>
        Whoever uses <code>{id}</code> is refused within a second, at all replicas. It cannot be taken back: a new token
        has a new secret.
      </p>
    ),
    confirm: 'Revoke token',
    tone: 'danger',
    run: async () => {
      await api.delete('/v1/tokens/:id', { id });
      return `Token ${name} is revoked`;
    },
  });
}

/** Tokens without their secrets. */
export function Tokens(): JSX.Element {
  const query = useQuery('/v1/tokens', {}, { everyMs: 30_000 });
  const [isNew, setNew] = useState(false);
  return (
    <Section
      title="Tokens"
      aside={
        <Action permission="administer" action="tokens" icon="submit" onClick={() => setNew(true)}>
          New token
        </Action>
      }
    >
      <Shown of={query}>
        {({ items }) => (
          <Table
            caption="Tokens"
            rows={items.slice(0, 200)}
            columns={COLUMNS}
            rowKey={({ id }) => id}
            empty={
              <Empty title="There is no token" command="drover token create --name ci --role submitter --expires 90d">
                A token lets a program, or a person without OpenID, use the API.
              </Empty>
            }
          />
        )}
      </Shown>
      {isNew && <TokenDialog onClose={() => setNew(false)} />}
    </Section>
  );
}
