import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import { Empty } from '../../ui/empty.js';
import { count, counted } from '../../ui/format.js';
import { Page, Section } from '../../ui/page.js';
import { Shown } from '../shown.js';
import { useWindow } from '../window.js';
import { Accounts } from './accounts.js';
import { floatingRows, rowsOfPool, type Capacity } from './capacity.decide.js';
import { ResourceTable } from './resource-table.js';
import { Stuck } from './stuck.js';

/** The room of the workers, the accounts that hold it, and the work that fits nowhere. */
export default function CapacityScreen(): JSX.Element {
  const query = useQuery('/v1/capacity', {}, { topics: ['workers', 'queues'], everyMs: 5_000 });
  return (
    <Page title="Capacity" lead="Resources of the workers, accounts that share them, and work that fits nowhere.">
      <Shown of={query}>{(capacity) => <Resources {...capacity} />}</Shown>
      <Accounts />
      <Shown of={query}>{(capacity) => <Stuck {...capacity} />}</Shown>
    </Page>
  );
}

function Resources(capacity: Capacity): JSX.Element {
  const { shown, more } = useWindow(capacity.pools);
  const floating = floatingRows(capacity);
  if (capacity.pools.length === 0 && floating.length === 0)
    return (
      <Empty
        title="No worker is registered"
        command="drover worker --handlers ./handlers.js --resources cpu=8,memory=16GiB"
      >
        Workers say what they have; without it they have as many slots as tasks that they run at a time.
      </Empty>
    );
  return (
    <>
      {shown.map((pool) => (
        <Section
          key={pool.pool}
          title={`Pool ${pool.pool}`}
          aside={counted(pool.workers, 'worker')}
          testId={`pool-${pool.pool}`}
        >
          <ResourceTable caption={`Resources of pool ${pool.pool}`} rows={rowsOfPool(pool)} />
        </Section>
      ))}
      {more}
      {capacity.poolsLeftOut > 0 && <p class="muted">and {count(capacity.poolsLeftOut)} more pools</p>}
      {floating.length > 0 && (
        <Section title="Floating resources" aside="of all workers together" testId="floating">
          <ResourceTable caption="Floating resources" rows={floating} />
        </Section>
      )}
    </>
  );
}
