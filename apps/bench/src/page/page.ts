import type { Comparison } from '../compare.js';
import { FORM_TEXT } from '../effort.js';
import { isMet, type FigureRow } from '../figures/figure.js';
import {
  ensembleTitle,
  format,
  measuredOf,
  range,
  spreadText,
  targetOf,
  titleOf,
  verdictOf,
  withRange,
} from '../print.js';
import type { Results } from '../results.js';
import { behindPeers, besidePeers, isOurs } from './beside-peers.js';
import { chartsOf } from './charts.js';
import { besidePublished } from './published.js';

/** A page of `docs` and its charts, by file name relative to `docs`. */
export interface Page {
  markdown: string;
  charts: Readonly<Record<string, string>>;
}

/** `folder`: of the charts. A page of a run of some parts only has a name and a folder of its own. */
export function benchmarkPage(results: Results, folder = 'benchmarks'): Page {
  const { throughput, curves } = chartsOf(results, folder);
  const image = ({ file, title }: { file: string; title: string }): string => `![${title}](${file})\n`;
  const growth = curves.length === 0 ? [] : ['## How cost grows', '', ...curves.map(image)];
  const markdown = [
    ...head(results, folder),
    ...throughput.map(image),
    ...tables(results),
    ...published(results),
    ...growth,
    ...behind(results),
    ...failures(results),
  ].join('\n');
  return { markdown, charts: Object.fromEntries([...throughput, ...curves].map(({ file, svg }) => [file, svg])) };
}

/** `benchmarks-flows-and-api` is called "Benchmarks: flows and api". */
function titleOfPage(folder: string): string {
  const [, ...parts] = folder.split('-');
  return parts.length === 0 ? '# Benchmarks' : `# Benchmarks: ${parts.join(' ')}`;
}

function head({ at, machine, form, versions, seconds }: Results, folder: string): string[] {
  const { cpu, cores, memoryGib, node, platform } = machine;
  const minutes = Math.ceil(Object.values(seconds).reduce((sum, of) => sum + of, 0) / 60);
  const software = [`Node ${node.slice(1)}`, ...versions].join(', ');
  return [
    titleOfPage(folder),
    '',
    `<!-- Made by \`npm run bench:page -- FILE${folder === 'benchmarks' ? '' : ` ${folder}`}\` from what \`npm run bench -- --json FILE\` measured. Change the run, not this page. -->`,
    '',
    `Measured on ${at.slice(0, 10)} in one run of about ${minutes} minutes: ${cpu}, ${cores} cores and ${memoryGib} GiB for everything (servers, leader, worker, client), ${platform}, ${software}. The **${form}** form: ${FORM_TEXT[form]}.`,
    '',
    '**Method.** Everyone gets the same work in the same run: payloads of about 100 bytes from one client, run in another process, and every result read back by the client, which checks that each task had exactly one. After a warm-up each row is the median of several runs, with the lowest and the highest beside it; of a ratio, what these allow at most. Everything is durable: ZooKeeper, PostgreSQL and Redis (`appendfsync always`) sync before they acknowledge. The peers are set as their own documentation recommends for speed; the queues on PostgreSQL leave results to the user, so their handlers write them to a table, gathered per turn. *The ceiling* moves the same znodes over the bare protocol, without sessions, planner, retries or checks. Single round trips are one task at a time in an idle system, after 500 that are not counted.',
    '',
    folder === 'benchmarks'
      ? 'Run it yourself: `npm run bench` (`-- --quick` for some minutes, `-- --full` for all of this page), or `drover bench` on an ensemble of your own.'
      : `These are some parts of the benchmark. Run them yourself: \`npm run bench -- ${form === 'default' ? '' : `--${form} `}--only PART\`; \`-- --help\` names the parts.`,
    '',
  ];
}

function tables({ ensembles, peers, figures }: Results): string[] {
  const lines: string[] = [];
  for (const { servers, rows, figures: own } of ensembles) {
    lines.push(`## ${ensembleTitle(servers)}`, '');
    if (rows.length > 0) lines.push(...comparisonTable(rows), '');
    if (own.length > 0) lines.push(...figureTable(own), '');
  }
  if (peers !== null) {
    lines.push('## Queues that people know', '');
    if (peers.rows.length > 0) lines.push(...comparisonTable(peers.rows), '');
    if (peers.leftOut.length > 0) lines.push(`Left out: ${peers.leftOut.join('; ')}.`, '');
    const beside = besidePeers({ ensembles, peers });
    if (beside.length > 0) lines.push(...figureTable(beside), '');
  }
  for (const { part, rows } of figures)
    if (rows.length > 0) lines.push(`## ${titleOf(part)}`, '', ...figureTable(rows), '');
  return lines;
}

/** They measured other work at other machines: it says no more than of which order such figures are. */
function published(results: Results): string[] {
  const beside = besidePublished(results);
  if (beside === null) return [];
  return [
    '## What others publish of placement',
    '',
    'They measured at other machines, and other work: this says of which order such figures are, and no more.',
    '',
    ...table(beside.heads, beside.rows),
    '',
  ];
}

function comparisonTable(rows: readonly Comparison[]): string[] {
  return table(
    ['', 'tasks/s', 'lowest to highest', 'single, p50 in ms', 'p99 in ms', 'durable'],
    rows.map(({ name, tasksPerSecond: rate, singleMs: { p50, p99 }, durability }) => {
      const cells = [format(rate.median), range(rate), withRange(p50), withRange(p99)];
      return [isOurs({ name }) ? `**${name}**` : name, ...cells, durability];
    }),
  );
}

function figureTable(figures: readonly FigureRow[]): string[] {
  return table(
    ['', 'measured', 'lowest to highest', 'target', ''],
    figures.map((row) => [row.name, measuredOf(row), spreadText(row), targetOf(row), verdictOf(row)]),
  );
}

/** The other columns are figures. */
const TEXT_HEADS: ReadonlySet<string> = new Set(['', 'durable', 'others publish']);

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const align = heads.map((head) => (TEXT_HEADS.has(head) ? '---' : '--:'));
  return [heads, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** Said plainly: where a peer answers sooner or moves more, and which targets were missed. */
function behind(results: Results): string[] {
  const lines: string[] = [];
  const { heads, rows } = behindPeers(results);
  if (rows.length > 0)
    lines.push(
      ...table(heads, rows),
      '',
      'A single task costs Drover three transactions on disk, one after the other.',
    );
  const all = [...results.ensembles, ...results.figures.map(({ rows: figures }) => ({ servers: 1, figures }))];
  const missed = all.flatMap(({ servers, figures }) =>
    figures
      .filter((row) => isMet(row) === false)
      .map(
        (row) =>
          `- ${row.name}${servers === 1 ? '' : ` (${servers} servers)`}: ${measuredOf(row)}, target ${targetOf(row)}`,
      ),
  );
  if (missed.length > 0) lines.push('', 'Targets missed:', '', ...missed);
  return lines.length === 0 ? [] : ['## What we are slower at', '', ...lines, ''];
}

function failures({ failed, finished }: Results): string[] {
  const lines = failed.map(({ part, reason }) => `- ${part}: ${reason}`);
  if (!finished) lines.push('- The run was cut short; what follows is missing.');
  return lines.length === 0 ? [] : ['## What came to nothing in this run', '', ...lines, ''];
}
