import type { JSX } from 'preact';
import { Link } from '../../app/router.js';
import { Badge } from '../../ui/badge.js';
import { count, counted } from '../../ui/format.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { amountsText, excludedBy, type Capacity, type StuckClass } from './capacity.decide.js';

const COLUMNS: readonly Column<StuckClass>[] = [
  { head: 'Type', main: true, cell: ({ type }) => type },
  { head: 'Queue', cell: ({ queue }) => <Link to={`/queues/${encodeURIComponent(queue)}`}>{queue}</Link> },
  {
    head: 'State',
    cell: ({ state }) =>
      state === 'unplaceable' ? (
        <Badge tone="bad" icon="warn" title="No worker that there is could take it, even an empty one">
          fits no worker
        </Badge>
      ) : (
        <Badge tone="warn" icon="wait" title="It waits until a worker has room">
          waits for room
        </Badge>
      ),
  },
  { head: 'Tasks', align: 'end', cell: ({ pending }) => count(pending) },
  { head: 'Since', align: 'end', cell: ({ since }) => (since === null ? '–' : <Ago at={since} />) },
  {
    head: 'Needs',
    full: true,
    cell: ({ resources, where, pool }) => (
      <>
        {amountsText(resources)}
        {where !== null && <div class="muted">{where}</div>}
        {pool !== null && <div class="muted">pool {pool}</div>}
      </>
    ),
  },
  {
    head: 'Workers that are excluded',
    title: 'Each condition by itself',
    full: true,
    cell: (each) => (
      <>
        {excludedBy(each).join(', ') || '–'}
        <div class="muted">
          of {counted(each.workers.total, 'worker')}; {count(each.workers.feasible)} could run it
        </div>
      </>
    ),
  },
];

/** Work that fits nowhere now, and the conditions that exclude workers. */
export function Stuck({ classes, classesLeftOut, parkedClasses, unplaceableTasks }: Capacity): JSX.Element {
  const told = [
    ...(unplaceableTasks === 0 ? [] : [`${counted(unplaceableTasks, 'task fits', 'tasks fit')} no worker`]),
    ...(parkedClasses === 0 ? [] : [`${counted(parkedClasses, 'kind of work waits', 'kinds of work wait')} for room`]),
  ].join(', ');
  return (
    <Section title="Work that fits nowhere now" aside={told} testId="stuck">
      {classes.length === 0 ? (
        <p class="muted">All work that is due has found room, or waits for something else.</p>
      ) : (
        <Table
          caption="Work that fits nowhere now"
          rows={classes}
          columns={COLUMNS}
          rowKey={(each) => JSON.stringify([each.queue, each.type, each.resources, each.where, each.pool])}
          rowTestId={({ type }) => `stuck-row-${type}`}
        />
      )}
      {classesLeftOut > 0 && <p class="muted">and {count(classesLeftOut)} more</p>}
    </Section>
  );
}
