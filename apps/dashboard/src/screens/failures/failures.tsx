import type { JSX } from 'preact';
import { place, setQuery } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { Empty } from '../../ui/empty.js';
import { FilterInput } from '../../ui/filter-input.js';
import { counted } from '../../ui/format.js';
import { Page } from '../../ui/page.js';
import { Tabs } from '../../ui/tabs.js';
import { useKnownNames } from '../known-names.js';
import { Shown } from '../shown.js';
import { useWindow } from '../window.js';
import { DeadList } from './dead-list.js';
import { EntryList } from './entry-list.js';
import { GroupCard } from './group-card.js';

const TABS = [
  { id: 'groups', name: 'Groups' },
  { id: 'entries', name: 'One by one' },
  { id: 'dead', name: 'Dead letters' },
];

/** Failures: the most frequent first, one by one, and the failed tasks that can be retried. */
export default function Failures(): JSX.Element {
  const { query } = place.value;
  const q = query.get('q') ?? '';
  const known = useKnownNames();
  const tab = TABS.find(({ id }) => id === query.get('tab'))?.id ?? 'groups';
  return (
    <Page title="Failures" lead="Failed attempts that the leader keeps in memory: the last 10,000.">
      <FilterInput filter={q} known={known} onFilter={(filter) => setQuery({ q: filter, cursor: null })} />
      <Tabs
        label="Views of failures"
        items={TABS}
        selected={tab}
        onSelect={(id) => setQuery({ tab: id === 'groups' ? null : id, cursor: null })}
      >
        {tab === 'groups' && <Groups q={q} />}
        {tab === 'entries' && <EntryList q={q} limit={50} empty="No attempt failed." pages />}
        {tab === 'dead' && <DeadList q={q} />}
      </Tabs>
    </Page>
  );
}

function Groups({ q }: { q: string }): JSX.Element {
  const groups = useQuery('/v1/failures/groups', { q, limit: 200 }, { topics: ['failures'] });
  return <Shown of={groups}>{({ items }) => <GroupList groups={items} q={q} />}</Shown>;
}

type Group = Parameters<typeof GroupCard>[0]['group'];

function GroupList({ groups, q }: { groups: readonly Group[]; q: string }): JSX.Element {
  const largestFirst = [...groups].sort((a, b) => b.count - a.count);
  const { shown, more } = useWindow(largestFirst);
  if (groups.length === 0)
    return (
      <Empty title={q === '' ? 'Nothing failed' : 'No failure fits the filter'} command="drover dead ls">
        Failures of attempts appear here, grouped by type and error. Failed tasks of earlier days are kept as dead
        letters.
      </Empty>
    );
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <p class="muted" data-testid="failure-count">
        {counted(all, 'failure')} in {counted(groups.length, 'group')}
      </p>
      <ul class="cards">
        {shown.map((group) => (
          <li key={[group.type, group.error, group.message, ...group.queues].join(' ')}>
            <GroupCard group={group} />
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
