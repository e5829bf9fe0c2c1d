import type { Comparison } from '../compare.js';
import type { Figure } from '../figures/figure.js';
import { format, targetOf, verdictOf } from '../print.js';
import type { Results } from '../results.js';
import { barChart, lineChart, type Bar } from './chart.js';

/** `docs/benchmarks.md` and its charts, by file name relative to `docs`. */
export interface Page {
  markdown: string;
  charts: Readonly<Record<string, string>>;
}

export function benchmarkPage(results: Results): Page {
  const charts: Record<string, string> = {};
  const bars = throughputBars(results);
  if (bars.length > 0) charts['benchmarks/throughput.svg'] = barChart('Tasks a second, submit to result read', bars);
  for (const { name, xName, points } of results.curves) {
    const file = `benchmarks/${name.toLowerCase().replaceAll(' ', '-')}.svg`;
    charts[file] = lineChart(
      `Tasks a second by ${name.toLowerCase()}`,
      xName,
      points.map(({ x, tasksPerSecond }) => ({ x, y: tasksPerSecond })),
    );
  }
  const images = Object.keys(charts).map((file) => `![${file.replace(/.*\/|\.svg/g, '')}](${file})`);
  return { markdown: [...head(results), ...tables(results), ...images, '', ...behind(results)].join('\n'), charts };
}

function head({ at, machine, quick, peers }: Results): string[] {
  const { cpu, cores, node, platform } = machine;
  const versions = [`Node ${node.slice(1)}`, ...(peers?.versions ?? [])].join(', ');
  return [
    '# Benchmarks',
    '',
    '<!-- Made by `npm run bench:page` from what `npm run bench -- --json FILE` measured. Change the run, not this page. -->',
    '',
    `Measured on ${at.slice(0, 10)}: ${cpu}, ${cores} cores for everything (servers, leader, worker, client), ${platform}, ${versions}.${quick ? ' **The quick form**: short runs, wide spreads.' : ''}`,
    '',
    '**Method.** Everyone gets the same work in the same run: payloads of about 100 bytes from one client, run in another process, and every result read back by the client, which checks that each task had exactly one. After a warm-up each row is the median of several runs, with the lowest and the highest. Everything is durable: ZooKeeper, PostgreSQL and Redis (`appendfsync always`) sync before they acknowledge. The peers are set as their own documentation recommends for speed; the queues on PostgreSQL leave results to the user, so their handlers write them to a table, gathered per turn. *The ceiling* moves the same znodes over the bare protocol, without sessions, planner, retries or checks. Single round trips are one task at a time in an idle system, after 500 that are not counted.',
    '',
    'Run it yourself: `npm run bench` (`-- --quick` for some minutes), or `drover bench` on an ensemble of your own.',
    '',
  ];
}

function tables({ ensembles, peers, figures }: Results): string[] {
  const lines: string[] = [];
  for (const { servers, rows, figures: own } of ensembles) {
    lines.push(`## ZooKeeper, ${servers === 1 ? 'one server' : `${servers} servers`}`, '');
    if (rows.length > 0) lines.push(...comparisonTable(rows), '');
    if (own.length > 0) lines.push(...figureTable(own), '');
  }
  if (peers !== null) {
    lines.push('## Queues that people know', '', ...comparisonTable(peers.rows), '');
    lines.push(...peers.leftOut.map((reason) => `Left out: ${reason}.`));
    lines.push(...figureTable(besidePeers({ ensembles, peers })), '');
  }
  if (figures.length > 0) lines.push('## What it costs', '', ...figureTable(figures), '');
  return lines;
}

const TIMES_FASTER: readonly (readonly [name: string, atLeast: number])[] = [
  ['BullMQ (fsync per write)', 8],
  ['graphile-worker (local queue)', 3],
  ['pg-boss', 5],
];

/** Ours on one server over each durable peer. */
function besidePeers({ ensembles, peers }: Pick<Results, 'ensembles' | 'peers'>): Figure[] {
  const ours = ensembles.find(({ servers }) => servers === 1)?.rows.find(isOurs);
  if (ours === undefined) return [];
  return TIMES_FASTER.flatMap(([name, atLeast]) => {
    const peer = peers?.rows.find((row) => row.name === name);
    if (peer === undefined) return [];
    const value = ours.tasksPerSecond.median / peer.tasksPerSecond.median;
    return [{ name: `Drover, one server, beside ${name}`, value, unit: 'times', target: { atLeast } }];
  });
}

function comparisonTable(rows: readonly Comparison[]): string[] {
  return [
    '| | tasks/s | lowest to highest | single, p50 | p99 | durable |',
    '|---|--:|--:|--:|--:|---|',
    ...rows.map(({ name, tasksPerSecond: { median, min, max }, singleMs: { p50, p99 }, durability }) => {
      const cells = [format(median), `${format(min)} to ${format(max)}`, `${format(p50)} ms`, `${format(p99)} ms`];
      return `| ${[isOurs({ name }) ? `**${name}**` : name, ...cells, durability].join(' | ')} |`;
    }),
  ];
}

function figureTable(figures: readonly Figure[]): string[] {
  return [
    '| | measured | target | |',
    '|---|--:|--:|---|',
    ...figures.map((figure) => {
      const measured = `${format(figure.value)} ${figure.unit}`.trim();
      return `| ${[figure.name, measured, targetOf(figure), verdictOf(figure)].join(' | ')} |`;
    }),
  ];
}

/** Said plainly: where a peer answers sooner, or moves more. */
function behind({ ensembles, peers }: Results): string[] {
  const rows = peers?.rows ?? [];
  const lines = ensembles.flatMap(({ servers, rows: own }) => {
    const ours = own.find(isOurs);
    if (ours === undefined) return [];
    const on = servers === 1 ? 'one server' : `${servers} servers`;
    const sooner = rows.filter((row) => row.singleMs.p50 < ours.singleMs.p50);
    const more = rows.filter((row) => row.tasksPerSecond.median > ours.tasksPerSecond.median);
    return [
      ...sooner.map(
        (row) =>
          `- A single task in an idle system: ${row.name} answers in ${format(row.singleMs.p50)} ms, Drover on ${on} in ${format(ours.singleMs.p50)} ms (three transactions on disk, one after the other).`,
      ),
      ...more.map((row) => `- Bulk: ${row.name} moves more than Drover on ${on}.`),
    ];
  });
  return lines.length === 0 ? [] : ['## What we are slower at', '', ...lines, ''];
}

function throughputBars({ ensembles, peers }: Results): Bar[] {
  const own = ensembles.flatMap(({ servers, rows }) =>
    rows.map((row) => ({
      ...bar(row),
      name: `${isOurs(row) ? 'Drover' : 'ceiling'}, ${servers} server${servers === 1 ? '' : 's'}`,
    })),
  );
  return [...own, ...(peers?.rows ?? []).map(bar)];
}

const bar = (row: Comparison): Bar => ({ name: row.name, value: row.tasksPerSecond.median, accent: isOurs(row) });
const isOurs = ({ name }: Pick<Comparison, 'name'>): boolean => name === 'Drover';
