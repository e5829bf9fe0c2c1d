import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import type { Election, Overview } from '../../data/types.js';
import { Badge } from '../../ui/badge.js';
import { duration } from '../../ui/format.js';
import { Facts, Page } from '../../ui/page.js';
import { Ago } from '../../ui/time.js';
import { now } from '../../data/clock.js';
import { Shown } from '../shown.js';
import { ElectionHistory } from './election-history.js';
import { Schedulers } from './schedulers.js';
import { ZnodeView } from './znode-view.js';
import { ZooKeeper } from './zookeeper.js';

/** The leader and its term, the other schedulers, and ZooKeeper. */
export default function Cluster(): JSX.Element {
  const election = useQuery('/v1/election', {}, { topics: ['schedulers'], everyMs: 10_000 });
  const overview = useQuery('/v1/overview', {}, { topics: ['overview'] });
  return (
    <Page title="Cluster" lead="One scheduler leads, the others stand by; ZooKeeper keeps everything.">
      <Shown of={election}>{(known) => <Leader election={known} overview={overview.data} />}</Shown>
      <Schedulers leader={election.data?.leader ?? null} />
      {election.data !== undefined && <ElectionHistory election={election.data} />}
      <ZooKeeper />
      <ZnodeView />
    </Page>
  );
}

const DAY_MS = 86_400_000;

function Leader({ election, overview }: { election: Election; overview: Overview | undefined }): JSX.Element {
  const { leader, epoch, since, changes } = election;
  const lately = changes.filter(({ at }) => at > now.value - DAY_MS).length;
  return (
    <Facts
      items={[
        [
          'Leader',
          leader === null ? (
            <Badge tone="bad" icon="warn">
              nobody leads
            </Badge>
          ) : (
            <b>{leader}</b>
          ),
          'The replica that decides what runs where',
        ],
        ['Epoch', epoch === null ? '–' : String(epoch), 'Each election raises it'],
        ['Term', since === null ? '–' : <Ago at={since} />, 'When the leader took over'],
        ['Changes in a day', String(lately), 'Elections of the last 24 hours, as far as this replica knows'],
        overview === undefined
          ? null
          : ['Intake', <Intake intake={overview.intake} />, 'Whether new tasks are accepted'],
        overview === undefined
          ? null
          : [
              'ZooKeeper',
              zooKeeperText(overview.zookeeper),
              'The session of the replica that answers, and its round trip',
            ],
      ]}
    />
  );
}

const Intake = ({ intake: { open, reason } }: { intake: Overview['intake'] }): JSX.Element =>
  open ? (
    <Badge tone="ok" icon="ok">
      open
    </Badge>
  ) : (
    <Badge tone="bad" icon="stop">
      closed{reason === undefined ? '' : `: ${reason}`}
    </Badge>
  );

const zooKeeperText = ({ state, roundTripMs }: Overview['zookeeper']): string =>
  roundTripMs === null ? state : `${state}, ${duration(roundTripMs)}`;
