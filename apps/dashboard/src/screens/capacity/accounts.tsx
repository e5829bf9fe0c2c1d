import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import { count } from '../../ui/format.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Shown } from '../shown.js';
import { useWindow } from '../window.js';
import { accountRows, amountsText, type Account, type AccountRow } from './capacity.decide.js';
import { ShareBar } from './share-bar.js';

const percent = (part: number): string => `${Math.round(part * 100)}%`;

const COLUMNS: readonly Column<AccountRow>[] = [
  { head: 'Account', main: true, cell: ({ account }) => account },
  {
    head: 'Share against weight',
    full: true,
    title: 'The largest part of any resource that its tasks hold; the line is the part that its weight gives it',
    cell: ({ part, fairPart }) =>
      part === null ? (
        <span class="muted">–</span>
      ) : (
        <ShareBar
          parts={[{ part, tone: part > fairPart ? 'mute' : 'info' }]}
          mark={fairPart}
          label={`it holds ${percent(part)}, its weight gives it ${percent(fairPart)}`}
        />
      ),
  },
  {
    head: 'Holds',
    align: 'end',
    title: 'The largest part of any resource',
    cell: ({ part }) => (part === null ? <span class="muted">–</span> : percent(part)),
  },
  { head: 'Weight', align: 'end', cell: ({ weight }) => weight },
  { head: 'Held', cell: ({ held }) => amountsText(held) },
  { head: 'Guarantee', wide: true, cell: ({ guarantee }) => amountsText(guarantee) },
  { head: 'Limit', wide: true, cell: ({ limit }) => amountsText(limit) },
  {
    head: 'Waiting',
    align: 'end',
    title: 'Due tasks of its queues',
    cell: ({ pending }) => (pending === null ? <span class="muted">–</span> : count(pending)),
  },
];

/** Accounts, those that hold most first. */
export function Accounts(): JSX.Element {
  const query = useQuery('/v1/accounts', { limit: 500 }, { topics: ['queues'], everyMs: 5_000 });
  return (
    <Section title="Accounts" testId="accounts">
      <Shown of={query}>{({ items }) => <AccountList accounts={items} />}</Shown>
    </Section>
  );
}

function AccountList({ accounts }: { accounts: readonly Account[] }): JSX.Element {
  const { shown, more } = useWindow(accountRows(accounts));
  if (accounts.length === 0) return <p class="muted">No account is defined, and no queue has unfinished tasks.</p>;
  return (
    <>
      <Table
        caption="Accounts"
        rows={shown}
        columns={COLUMNS}
        rowKey={({ account }) => account}
        rowTestId={({ account }) => `account-row-${account}`}
      />
      {more}
    </>
  );
}
