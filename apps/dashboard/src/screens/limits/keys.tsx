import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Action } from '../../ui/action.js';
import { Badge } from '../../ui/badge.js';
import { count } from '../../ui/format.js';
import { Meter } from '../../ui/meter.js';
import { Table, type Column } from '../../ui/table.js';
import { Until } from '../../ui/time.js';
import type { LimitDoc } from '../shapes.js';
import { HoldDialog } from './hold-dialog.js';
import { askRelease } from './limit-actions.js';

type Key = LimitDoc['keys'][number];

/** The keys of a limit, each by itself; a limit that counts all together has one. */
export function Keys({ limit }: { limit: LimitDoc }): JSX.Element {
  const { concurrency, per } = limit.spec;
  const [held, setHeld] = useState<string | null>(null);
  const columns: readonly Column<Key>[] = [
    {
      head: per === 'tenant' ? 'Tenant' : 'Key',
      main: true,
      cell: ({ key }) =>
        key === '' ? <span class="muted">{per === 'all' ? 'all' : 'none'}</span> : <code>{key}</code>,
    },
    {
      head: 'Out',
      cell: ({ out }) =>
        concurrency === null ? (
          count(out)
        ) : (
          <Meter value={out} of={concurrency} label={`${count(out)} of at most ${count(concurrency)} are out`} />
        ),
    },
    { head: 'Waiting', align: 'end', cell: ({ waiting }) => (waiting > 0 ? <b>{count(waiting)}</b> : '0') },
    {
      head: 'Next start',
      align: 'end',
      title: 'When its rate or a hold lets the next task go',
      cell: ({ nextAt }) => (nextAt === null ? 'now' : <Until at={nextAt} />),
    },
    {
      head: 'Held',
      cell: ({ heldUntil }) =>
        heldUntil === null ? (
          '–'
        ) : (
          <Badge tone="warn" icon="pause">
            ends <Until at={heldUntil} />
          </Badge>
        ),
    },
    ...(per === 'all'
      ? []
      : [
          {
            head: 'Action',
            cell: ({ key, heldUntil }: Key) =>
              heldUntil === null ? (
                <Action permission="operate" action="pause" onClick={() => setHeld(key)}>
                  Hold
                </Action>
              ) : (
                <Action permission="operate" action="pause" onClick={() => askRelease(limit.name, key)}>
                  End hold
                </Action>
              ),
          },
        ]),
  ];
  return (
    <>
      <Table
        caption="Keys"
        rows={limit.keys}
        columns={columns}
        rowKey={({ key }) => key}
        rowTestId={({ key }) => `limit-key-${key}`}
      />
      {held !== null && <HoldDialog name={limit.name} limitKey={held} onClose={() => setHeld(null)} />}
    </>
  );
}
