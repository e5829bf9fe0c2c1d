import type { JSX } from 'preact';
import type { Schedule } from '../../data/types.js';
import { Badge } from '../../ui/badge.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago, At } from '../../ui/time.js';
import { startedBy } from './started.js';

type Fire = Schedule['running'][number] & { isRunning: boolean };

const COLUMNS: readonly Column<Fire>[] = [
  {
    head: 'Started',
    main: true,
    cell: (fire) => (
      <>
        {startedBy(fire).kind} <code>{startedBy(fire).id}</code>
      </>
    ),
  },
  {
    head: 'State',
    cell: ({ isRunning }) =>
      isRunning ? (
        <Badge tone="info" icon="run">
          not ended
        </Badge>
      ) : (
        <Badge tone="mute" icon="wait">
          waits
        </Badge>
      ),
  },
  { head: 'Nominal time', cell: ({ nominal }) => <At at={Date.parse(nominal)} /> },
  { head: 'Due', align: 'end', cell: ({ due }) => <Ago at={Date.parse(due)} /> },
  { head: 'Kind', cell: ({ kind }) => kind },
];

/** Fires that have not ended, and those that wait for them; nothing where there are none. */
export function Fires({ schedule: { running, waiting } }: { schedule: Schedule }): JSX.Element | null {
  const rows = [
    ...running.map((fire) => ({ ...fire, isRunning: true })),
    ...waiting.map((fire) => ({ ...fire, isRunning: false })),
  ];
  if (rows.length === 0) return null;
  return (
    <Section title="Fires that have not ended">
      <Table
        caption="Fires that have not ended"
        rows={rows.slice(0, 50)}
        columns={COLUMNS}
        rowKey={(fire) => startedBy(fire).id}
        rowTo={(fire) => startedBy(fire).to}
      />
      {rows.length > 50 && <p class="muted">and {rows.length - 50} more</p>}
    </Section>
  );
}
