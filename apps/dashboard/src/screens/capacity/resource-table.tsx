import type { JSX } from 'preact';
import { Table, type Column } from '../../ui/table.js';
import type { ResourceRow } from './capacity.decide.js';
import { ShareBar } from './share-bar.js';

const COLUMNS: readonly Column<ResourceRow>[] = [
  { head: 'Resource', main: true, cell: ({ name }) => name },
  {
    head: 'Claimed, used and free',
    full: true,
    cell: ({ name, capacity, claimed, usedPart, heldPart }) => (
      <ShareBar
        parts={[
          { part: usedPart, tone: 'info' },
          { part: heldPart, tone: 'mute' },
        ]}
        label={`${claimed} of ${capacity} ${name} are claimed`}
      />
    ),
  },
  {
    head: 'Used',
    align: 'end',
    title: 'Tasks that run need so much',
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
