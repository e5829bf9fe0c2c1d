import { QUEUE_SETTINGS } from '@drover/core';
import type { JSX } from 'preact';
import { Empty } from '../../ui/empty.js';
import { Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { ByWhom } from '../by-whom.js';
import type { QueueDoc } from '../shapes.js';
import { EDITABLE, isSet, labelOf, textOf } from './settings-change.js';

interface Row {
  name: string;
  label: string;
  text: string;
  meaning: string;
}
const COLUMNS: readonly Column<Row>[] = [
  { head: 'Setting', main: true, cell: ({ label }) => label },
  { head: 'Value', cell: ({ text }) => <code>{text}</code> },
  { head: 'Meaning', cell: ({ meaning }) => <span class="muted">{meaning}</span> },
];

/** Settings that are not as by default, and who changed them last. */
export function QueueSettings({ queue }: { queue: QueueDoc }): JSX.Element {
  const rows = EDITABLE.filter((name) => isSet(queue, name)).map((name) => ({
    name,
    label: labelOf(name),
    text: textOf(name, queue[name]),
    meaning: plain(QUEUE_SETTINGS[name].meaning),
  }));
  return (
    <Section
      title="Settings"
      aside={
        queue.changedBy && (
          <span>
            Changed by <ByWhom change={queue.changedBy} />
          </span>
        )
      }
    >
      {rows.length === 0 ? (
        <Empty
          title="Everything is as by default"
          command={`drover queue ${queue.name} --max-running 10`}
        >{`No limit, priority 0, weight 1.`}</Empty>
      ) : (
        <Table
          caption="Settings that are not as by default"
          rows={rows}
          columns={COLUMNS}
          rowKey={({ name }) => name}
        />
      )}
    </Section>
  );
}

/** Text of a document without its marks. */
const plain = (markdown: string): string => markdown.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('`', '');
