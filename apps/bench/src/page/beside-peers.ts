import { ratioOf, type Comparison } from '../compare.js';
import type { FigureRow } from '../figures/figure.js';
import { format } from '../print.js';
import type { Results } from '../results.js';

const TIMES_FASTER: readonly (readonly [name: string, atLeast: number])[] = [
  ['BullMQ (fsync per write)', 8],
  ['graphile-worker (local queue)', 3],
  ['pg-boss', 5],
];

type Compared = Pick<Results, 'ensembles' | 'peers'>;

export const isOurs = ({ name }: Pick<Comparison, 'name'>): boolean => name === 'Drover';

/** Ours on one server over each durable peer. */
export function besidePeers({ ensembles, peers }: Compared): FigureRow[] {
  const ours = ensembles.find(({ servers }) => servers === 1)?.rows.find(isOurs);
  if (ours === undefined) return [];
  return TIMES_FASTER.flatMap(([name, atLeast]) => {
    const peer = peers?.rows.find((row) => row.name === name);
    if (peer === undefined) return [];
    const value = ratioOf(ours.tasksPerSecond, peer.tasksPerSecond);
    return [{ name: `Drover, one server, beside ${name}`, value, unit: 'times', target: { atLeast }, runs: ours.runs }];
  });
}

/** A row for each peer that is ahead of one of ours in something, ours beside it. */
export function behindPeers({ ensembles, peers }: Compared): { heads: string[]; rows: string[][] } {
  const ours = ensembles.flatMap(({ servers, rows }) =>
    rows.filter(isOurs).map((row) => ({ head: `Drover, ${servers === 1 ? 'one server' : `${servers} servers`}`, row })),
  );
  const kinds: readonly {
    name: string;
    of: (row: Comparison) => number;
    ahead: (peer: number, our: number) => boolean;
    unit: string;
  }[] = [
    { name: 'a single task, p50', of: (row) => row.singleMs.p50.median, ahead: (peer, our) => peer < our, unit: 'ms' },
    { name: 'bulk', of: (row) => row.tasksPerSecond.median, ahead: (peer, our) => peer > our, unit: 'tasks/s' },
  ];
  const rows = kinds.flatMap(({ name, of, ahead, unit }) =>
    (peers?.rows ?? [])
      .filter((peer) => ours.some(({ row }) => ahead(of(peer), of(row))))
      .map((peer) => [
        `${name}: ${peer.name}`,
        ...[peer, ...ours.map(({ row }) => row)].map((row) => `${format(of(row))} ${unit}`),
      ]),
  );
  return { heads: ['', 'the peer', ...ours.map(({ head }) => head)], rows };
}
