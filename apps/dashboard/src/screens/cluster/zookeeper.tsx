import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import type { ZooKeeperView } from '../../data/types.js';
import { Badge } from '../../ui/badge.js';
import { Empty } from '../../ui/empty.js';
import { bytes, count, duration } from '../../ui/format.js';
import { Facts, Section } from '../../ui/page.js';
import { Table, type Column } from '../../ui/table.js';
import { Shown } from '../shown.js';

type Server = ZooKeeperView['servers'][number];

const COLUMNS: readonly Column<Server>[] = [
  { head: 'Server', main: true, cell: ({ address }) => <code>{address}</code> },
  { head: 'Mode', cell: (server) => <Mode server={server} /> },
  {
    head: 'Latency',
    align: 'end',
    title: 'Mean time of a request, as the server tells',
    cell: ({ latencyMs }) => (latencyMs === null ? '–' : duration(latencyMs)),
  },
  {
    head: 'Outstanding',
    align: 'end',
    title: 'Requests that wait in the server',
    cell: ({ outstanding }) => number(outstanding),
  },
  { head: 'Connections', align: 'end', cell: ({ connections }) => number(connections) },
  { head: 'Znodes', align: 'end', wide: true, cell: ({ znodes }) => number(znodes) },
  { head: 'Watches', align: 'end', wide: true, cell: ({ watches }) => number(watches) },
  {
    head: 'Data',
    align: 'end',
    wide: true,
    title: 'About the bytes of all data',
    cell: ({ dataBytes }) => (dataBytes === null ? '–' : bytes(dataBytes)),
  },
  { head: 'Version', wide: true, cell: ({ version }) => version ?? '–' },
];

const number = (value: number | null): string => (value === null ? '–' : count(value));

function Mode({ server: { reachable, mode, why } }: { server: Server }): JSX.Element {
  if (!reachable)
    return (
      <Badge tone="bad" icon="cross" title={why ?? undefined}>
        not reached
      </Badge>
    );
  if (mode === null) return <span class="muted">{why ?? 'it does not say'}</span>;
  return <Badge tone={mode === 'leader' || mode === 'standalone' ? 'info' : 'mute'}>{mode}</Badge>;
}

/** The session of the replica that answers, and each server of the ensemble. */
export function ZooKeeper(): JSX.Element {
  const query = useQuery('/v1/zookeeper', {}, { everyMs: 10_000 });
  return (
    <Section title="ZooKeeper">
      <Shown of={query}>
        {({ connect, session, roundTripMs, servers }) => (
          <>
            <Facts
              items={[
                ['Connect string', <code>{connect}</code>],
                ['Session', `${session.state}${session.id === null ? '' : `, ${session.id}`}`],
                ['Session timeout', session.timeoutMs === null ? '–' : duration(session.timeoutMs)],
                [
                  'Lease',
                  session.leaseMs === null ? '–' : duration(session.leaseMs),
                  'For so long the replica can be sure, without asking, that its session lives',
                ],
                [
                  'Round trip',
                  `${ms(roundTripMs.p50)} (p50), ${ms(roundTripMs.p99)} (p99)`,
                  'Of the requests of this replica',
                ],
              ]}
            />
            <Table
              caption="Servers of the ensemble"
              rows={servers.slice(0, 50)}
              columns={COLUMNS}
              rowKey={({ address }) => address}
              empty={<Empty title="No server is known">The connect string names them.</Empty>}
            />
          </>
        )}
      </Shown>
    </Section>
  );
}

const ms = (value: number | null): string => (value === null ? '–' : duration(value));
