import type { JSX } from 'preact';
import type { Worker } from '../../data/types.js';
import { Empty } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { Meter } from '../../ui/meter.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';

type Running = Worker['tasks'][number];

const COLUMNS: readonly Column<Running>[] = [
  { head: 'Task', main: true, cell: ({ task }) => <code>{task}</code> },
  { head: 'Attempt', align: 'end', cell: ({ attempt }) => attempt },
  { head: 'Began', align: 'end', cell: ({ startedAt }) => <Ago at={startedAt} /> },
  {
    head: 'Progress',
    cell: ({ progress }) =>
      progress === undefined ? (
        '–'
      ) : (
        <Meter value={Math.round(progress * 100)} of={100} unit="%" label={`${Math.round(progress * 100)} % done`} />
      ),
  },
  { head: 'Note', wide: true, cell: ({ note }) => note ?? '' },
];

/** The tasks that a worker says it runs. It does not name those shorter than 250 ms. */
export function RunningTasks({ worker }: { worker: Worker }): JSX.Element {
  const { tasks, out, asOf } = worker;
  return (
    <Section
      title="Running"
      aside={
        <span class="muted">
          as of <Ago at={asOf} />
        </span>
      }
    >
      {tasks.length === 0 ? (
        <Empty title={out === 0 ? 'It runs nothing' : `${count(out)} tasks are out to it`}>
          {out === 0
            ? 'Tasks appear here when they have run for a quarter of a second.'
            : 'They are shorter than a quarter of a second, so it does not name them.'}
        </Empty>
      ) : (
        <Table
          caption="Tasks that it runs"
          rows={tasks}
          columns={COLUMNS}
          rowKey={({ task }) => task}
          rowTo={({ task }) => `/tasks/${task}`}
        />
      )}
    </Section>
  );
}
