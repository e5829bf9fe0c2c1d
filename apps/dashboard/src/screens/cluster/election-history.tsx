import type { JSX } from 'preact';
import type { Election } from '../../data/types.js';
import { Empty } from '../../ui/empty.js';
import { duration } from '../../ui/format.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago, At } from '../../ui/time.js';
import { useWindow } from '../window.js';

type Change = Election['changes'][number];

const COLUMNS: readonly Column<Change>[] = [
  { head: 'Leader', main: true, cell: ({ leader }) => leader },
  { head: 'Epoch', align: 'end', cell: ({ epoch }) => epoch },
  { head: 'Elected', cell: ({ at }) => <At at={at} /> },
  { head: 'Ago', align: 'end', wide: true, cell: ({ at }) => <Ago at={at} /> },
  {
    head: 'Without a leader',
    align: 'end',
    title: 'From the end of the term before to the election',
    cell: ({ leaderlessMs }) => time(leaderlessMs),
  },
  {
    head: 'Takeover',
    align: 'end',
    title: 'What the new leader read before it started the first task',
    cell: ({ takeoverMs }) => time(takeoverMs),
  },
  { head: 'Why', cell: ({ reason }) => reason ?? <span class="muted">not known here</span> },
];

const time = (ms: number | null): string => (ms === null ? '–' : duration(ms));

/** Terms of leaders, the newest first. */
export function ElectionHistory({ election: { changes } }: { election: Election }): JSX.Element {
  const { shown, more } = useWindow(changes);
  return (
    <Section title="Elections">
      <Table
        caption="Elections, the newest first"
        rows={shown}
        columns={COLUMNS}
        rowKey={({ epoch }) => String(epoch)}
        empty={
          <Empty title="No change is known">This replica tells the elections that it has seen since it began.</Empty>
        }
      />
      {more}
    </Section>
  );
}
