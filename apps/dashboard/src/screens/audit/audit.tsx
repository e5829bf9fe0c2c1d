import type { JSX } from 'preact';
import { place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import type { AuditEntry } from '../../data/types.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/empty.js';
import { Page } from '../../ui/page.js';
import { Pager, Table, type Column } from '../../ui/table.js';
import { Ago } from '../../ui/time.js';
import { Shown } from '../shown.js';

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: 'When', cell: ({ at }) => <Ago at={at} /> },
  { head: 'Who', main: true, cell: ({ who, roles }) => <span title={roles.join(', ')}>{who}</span> },
  { head: 'Action', cell: ({ action }) => <code>{action}</code> },
  {
    head: 'Object',
    cell: ({ object, count }) => (
      <span class="message">
        {object ?? '–'}
        {count === null ? '' : ` (${count})`}
      </span>
    ),
  },
  { head: 'Reason', cell: ({ reason }) => reason ?? <span class="muted">–</span> },
  {
    head: 'Outcome',
    cell: ({ ok, code }) =>
      ok ? (
        <Badge tone="ok" icon="ok">
          done
        </Badge>
      ) : (
        <Badge tone="bad" icon="stop">
          {code ?? 'refused'}
        </Badge>
      ),
  },
  {
    head: 'From',
    wide: true,
    title: 'How the caller was known, and its address',
    cell: ({ auth, from }) => `${auth}${from === null ? '' : `, ${from}`}`,
  },
  { head: 'Request', wide: true, cell: ({ requestId }) => <code>{requestId}</code> },
];

const FIELDS = [
  { name: 'who', label: 'Who' },
  { name: 'action', label: 'Action' },
  { name: 'object', label: 'Object' },
] as const;

/** All that somebody did or was refused, the newest first. */
export default function Audit(): JSX.Element {
  const { query } = place.value;
  const given = (name: string): string | undefined => query.get(name) ?? undefined;
  const cursor = query.get('cursor');
  const asked = {
    who: given('who'),
    action: given('action'),
    object: given('object'),
    cursor: cursor ?? undefined,
    limit: 50,
  };
  const entries = useQuery('/v1/audit', present(asked), { topics: ['audit'], held: cursor !== null });
  return (
    <Page
      title="Audit"
      lead="Everything that somebody did or was refused. The log of each scheduler has all of it, too."
    >
      <form class="row" role="search" onSubmit={(event) => event.preventDefault()}>
        {FIELDS.map(({ name, label }, at) => (
          <input
            key={name}
            type="search"
            {...(at === 0 ? { 'data-filter': '' } : {})}
            aria-label={label}
            placeholder={label}
            value={query.get(name) ?? ''}
            onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value.trim(), cursor: null })}
          />
        ))}
      </form>
      <Shown of={entries}>
        {(list) => (
          <>
            <Table
              caption="Audit, the newest first"
              rows={list.items}
              columns={COLUMNS}
              rowKey={({ id }) => id}
              rowTestId="audit-row"
              rowTone={({ ok }) => (ok ? undefined : 'bad')}
              empty={
                <Empty title="Nothing is known" command="drover audit -f">
                  Each change, refusal, sign-in and view of a payload appears here.
                </Empty>
              }
            />
            <Pager list={list} cursor={cursor} onCursor={(to) => setQuery({ cursor: to }, { replace: false })} />
          </>
        )}
      </Shown>
    </Page>
  );
}

/** Without what is undefined: absent is what the types ask for. */
type Present<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };
const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
