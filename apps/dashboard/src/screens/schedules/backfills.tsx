import type { JSX } from 'preact';
import { api } from '../../data/api.js';
import type { Schedule } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { Badge } from '../../ui/badge.js';
import { ask } from '../../ui/dialog.js';
import { absolute, count } from '../../ui/format.js';
import { Meter } from '../../ui/meter.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { because } from '../because.js';
import { ByWhom } from '../by-whom.js';
import type { Backfill } from '../shapes.js';

/** How far a back-fill has come, in percent of its range. Pure. */
export function percentOf({ from, to, cursor, order }: Pick<Backfill, 'from' | 'to' | 'cursor' | 'order'>): number {
  const range = Date.parse(to) - Date.parse(from);
  if (range <= 0) return 100;
  const done = order === 'oldest' ? Date.parse(cursor) - Date.parse(from) : Date.parse(to) - Date.parse(cursor);
  return Math.round(Math.min(1, Math.max(0, done / range)) * 100);
}

/** Fires for times of the past, which are made in the background; nothing where there are none. */
export function Backfills({ schedule }: { schedule: Schedule }): JSX.Element | null {
  const { backfills, name } = schedule;
  if (backfills.length === 0) return null;
  const columns: readonly Column<Backfill>[] = [
    {
      head: 'Times',
      main: true,
      cell: ({ from, to }) => `${absolute(Date.parse(from)).slice(0, 16)} to ${absolute(Date.parse(to)).slice(0, 16)}`,
    },
    {
      head: 'Done',
      cell: (one) =>
        one.endedAt === null ? (
          <Meter value={percentOf(one)} of={100} unit="%" label={`${percentOf(one)} % of its times`} />
        ) : (
          <Badge tone="ok" icon="ok">
            ended
          </Badge>
        ),
    },
    { head: 'Fired', align: 'end', cell: ({ fired }) => count(fired) },
    { head: 'Left out', align: 'end', title: 'Times that have a fire already', cell: ({ skipped }) => count(skipped) },
    {
      head: 'Running',
      align: 'end',
      title: 'Its tasks that have not ended, and how many may be at a time',
      cell: ({ running, parallel }) => `${count(running)} of ${count(parallel)}`,
    },
    { head: 'Asked by', wide: true, cell: ({ asked }) => <ByWhom change={asked} /> },
    { head: 'Action', cell: (one) => one.endedAt === null && <EndButton name={name} backfill={one} /> },
  ];
  return (
    <Section title="Back-fills">
      <Table caption="Back-fills" rows={backfills} columns={columns} rowKey={({ id }) => id} />
    </Section>
  );
}

function EndButton({ name, backfill: { id, running } }: { name: string; backfill: Backfill }): JSX.Element {
  const end = (): void =>
    ask({
      title: 'End this back-fill?',
      body: <p>It makes no more tasks. Its {count(running)} unfinished tasks go on.</p>,
      confirm: 'End back-fill',
      tone: 'danger',
      reason: 'optional',
      run: async (reason) => {
        await api.delete('/v1/schedules/:name/backfills/:id', { name, id, ...because(reason) });
        return 'The back-fill has ended';
      },
    });
  return (
    <Action permission="operate" action="submit" onClick={end}>
      End
    </Action>
  );
}
