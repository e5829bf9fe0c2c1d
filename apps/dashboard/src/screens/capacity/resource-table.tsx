import type { JSX } from 'preact';
import { Table, type Column } from '../../ui/table.js';
import type { ResourceRow } from './capacity.decide.js';
import { ShareBar } from './share-bar.js';

const COLUMNS: readonly Column<ResourceRow>[] = [
  { head: 'Resource', main: true, cell: ({ name }) => name },
  {
    head: 'Claimed, used and free',
    full: true,
    cell: ({ name, capacity, claimed, used, usedPart, heldPart, beyondPart }) => (
      <ShareBar
        parts={[
          { part: usedPart, tone: 'info' },
          { part: heldPart, tone: 'mute' },
          { part: beyondPart, tone: 'warn' },
        ]}
        label={`${claimed} of ${capacity} ${name} are claimed${used === null ? '' : `, ${used} used`}`}
      />
    ),
  },
  {
    head: 'Used',
    align: 'end',
    title: 'Workers say that they use so much of their processors and memory; of all else what is claimed',
    cell: ({ used }) => used ?? <span class="muted">–</span>,
  },
  { head: 'Claimed', align: 'end', title: 'Tasks that are out need so much', cell: ({ claimed }) => claimed },
  { head: 'Free', align: 'end', title: 'Nobody claims it', cell: ({ free }) => <b>{free}</b> },
  { head: 'Of', align: 'end', title: 'As much may be claimed', cell: ({ capacity }) => capacity },
];

/** Resources with how much of each is claimed, used and free. */
export const ResourceTable = ({ caption, rows }: { caption: string; rows: readonly ResourceRow[] }): JSX.Element => (
  <Table
    caption={caption}
    rows={rows}
    columns={COLUMNS}
    rowKey={({ name }) => name}
    rowTestId={({ name }) => `resource-row-${name}`}
  />
);
