import type { Statistics } from '@drover/verify';
import { answersText, count, timesText } from '../report/print.js';
import type { ChaosReport } from '../report/report.js';
import { targetsOf, together, verdictOf } from '../report/targets.js';

/** `docs/reliability.md`, from one run or several; runs that were soaks are shown apart. Throws when there is none. */
export function reliabilityPage(reports: readonly ChaosReport[]): string {
  const runs = reports.filter(({ soak }) => !soak);
  const soaks = reports.filter(({ soak }) => soak);
  const [first] = reports;
  if (first === undefined) throw new RangeError('no runs');
  const lines = [...head(first, runs, reports), ...method(first, reports)];
  if (runs.length > 0) lines.push(...targets(runs), ...eachRun(runs), ...viewers(runs), ...faults(runs));
  for (const soak of soaks) lines.push(...soakSection(soak));
  return lines.join('\n');
}

/** Ten runs of ten minutes. */
const FULL_MINUTES = 100;

function head({ machine }: ChaosReport, runs: readonly ChaosReport[], reports: readonly ChaosReport[]): string[] {
  const minutes = runs.reduce((sum, { system }) => sum + system.lastsMs / 60_000, 0);
  const faultCount = runs.reduce((sum, { statistics }) => sum + total(statistics.faults), 0);
  const tasks = runs.reduce((sum, { statistics }) => sum + statistics.tasks, 0);
  const held = runs.filter((run) => run.held).length;
  const diverged = runs.filter(({ zooKeeper }) => zooKeeper.differences.length > 0).length;
  const versions = [...new Set(reports.map(({ zooKeeper }) => zooKeeper.version))].join(' and ');
  const { cpu, cores, node, platform } = machine;
  return [
    '# Reliability',
    '',
    '<!-- Made by `npm run chaos:page` from what `npm run chaos -- --json FILE` wrote. Change the run, not this page. -->',
    '',
    `${plural(runs.length, 'run')}, ${count(Math.round(minutes * 10) / 10)} minutes of faults: ${plural(faultCount, 'fault')}, ${plural(tasks, 'task')}. Every promise held in ${held} of ${runs.length}. Measured on ${dates(runs)}: ${cpu}, ${cores} cores for everything, ${platform}, Node ${node.slice(1)}, ZooKeeper ${versions}.`,
    '',
    ...(diverged === 0
      ? []
      : [
          `In ${plural(diverged, 'run')} ZooKeeper's own replicas came to differ. See [operations](operations.md#which-zookeeper).`,
          '',
        ]),
    ...(minutes < FULL_MINUTES
      ? [`**A first look**, shorter than the ${FULL_MINUTES} minutes of faults that this page is for.`, '']
      : []),
  ];
}

function method({ system, topology }: ChaosReport, reports: readonly ChaosReport[]): string[] {
  const { schedulers, workers, clients, tasksPerSecond, tickMs } = system;
  const runs = Math.max(...reports.map((report) => report.system.runsPerSecond ?? 0));
  const flows =
    runs === 0
      ? ''
      : ` Some also start about ${runs} runs of a flow a second, with a map, a reduce and a signal, and broadcasts.`;
  const sessions = [...new Set(reports.map((report) => report.system.sessionTimeoutMs))].join(' or ');
  const where =
    topology === 'namespaces' ? 'each in a network namespace of its own' : 'their links through proxies on loopback';
  return [
    '## Method',
    '',
    `Three ZooKeepers, ${schedulers} schedulers, ${workers} workers and ${clients} clients run as real processes, ${where}; session timeout ${sessions} ms, tick ${tickMs} ms. Clients submit about ${tasksPerSecond} tasks a second in every way that the library has, with keys, queues of different priority, delays and cancels; handlers are quick, slow, failing, hanging until they are aborted, or compute.${flows} Faults come by seed, alone and overlapping, then quiet in which the system must recover.`,
    '',
    'The evidence comes from others than Drover: requests and answers that clients recorded, runs that handlers recorded, writes that an external resource accepted by fencing token, the faults that were injected, and the view of an observer of ZooKeeper. [`drover verify`](verify.md) judges these histories.',
    '',
    '*Nobody leads*: from the moment before SIGKILL until an observer sees the next epoch owned; after an orderly stop from the last sight of the old leader to the first of the next. Observed twenty times a second and at every change, so figures are too long rather than too short. Only handovers count during which no other fault was there.',
    '',
    'Run it yourself: `npm run chaos -- --minutes 10`; each run prints its seed and the command that repeats it.',
    '',
  ];
}

function targets(runs: readonly ChaosReport[]): string[] {
  const rows = targetsOf(runs).map(
    (row) => `| ${row.name} | ${row.measured} | ${row.target} | ${row.met === false ? '**missed**' : verdictOf(row)} |`,
  );
  return ['## What must hold', '', '| | measured | target | |', '|---|--:|--:|---|', ...rows, ''];
}

const COLUMNS: readonly (readonly [head: string, of: (run: ChaosReport) => number])[] = [
  ['faults', ({ statistics }) => total(statistics.faults)],
  ['tasks', ({ statistics }) => statistics.tasks],
  ['starts', ({ statistics }) => statistics.starts],
  ['starts again', ({ statistics }) => statistics.reassignments],
  ['taken away', ({ takenAway }) => total(takenAway)],
  ['refused leader writes', ({ fenced }) => fenced.leaderWrites],
  ['refused results', ({ fenced }) => fenced.results],
  ['refused resource writes', ({ fenced }) => fenced.resourceWrites],
];

function eachRun(runs: readonly ChaosReport[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const cells = (of: (column: (run: ChaosReport) => number) => number): string[] =>
    COLUMNS.map(([, column]) => count(of(column)));
  return [
    '## The runs',
    '',
    row(['seed', 'minutes', ...COLUMNS.map(([name]) => name), 'verdict']),
    row(['---', '--:', ...COLUMNS.map(() => '--:'), '---']),
    ...runs.map((run) =>
      row([String(run.seed), String(run.system.lastsMs / 60_000), ...cells((column) => column(run)), verdictOn(run)]),
    ),
    row(['sum', '', ...cells((column) => runs.reduce((sum, run) => sum + column(run), 0)), '']),
    '',
    '*Starts again*: beyond the first of their task: retries of attempts that failed, as many do on purpose, and attempts after a loss. *Taken away*: tasks that a leader took from a worker that was gone. *Refused*: leader writes and results by ZooKeeper, as their term or assignment was over; resource writes by their fencing token.',
    '',
    ...handovers(runs.map(({ statistics }) => statistics)),
    ...runs.flatMap(wrong),
  ];
}

function handovers(all: readonly Statistics[]): string[] {
  return (['killed', 'stopped'] as const).flatMap((how) => {
    const times = together(all.map(({ leaderless }) => leaderless[how]));
    return [
      `Nobody led after the leader was ${how === 'killed' ? 'killed' : 'stopped in order'}: ${timesText(times)}.`,
      '',
    ];
  });
}

function verdictOn({ held, zooKeeper }: ChaosReport): string {
  if (zooKeeper.differences.length > 0) return '**replicas of ZooKeeper differ**';
  return held ? 'held' : '**broken**';
}

/** Said plainly. */
function wrong({ held, command, verdicts, broken }: ChaosReport): string[] {
  if (held) return [];
  return [`**Broken** in \`${command}\`:`, '', '```text', verdicts, ...broken, '```', ''];
}

function faults(runs: readonly ChaosReport[]): string[] {
  const times = new Map<string, number>();
  for (const { statistics } of runs)
    for (const [name, n] of Object.entries(statistics.faults)) times.set(name, (times.get(name) ?? 0) + n);
  const rows = [...times].sort(([a], [b]) => a.localeCompare(b)).map(([name, n]) => `| \`${name}\` | ${count(n)} |`);
  return ['## Faults', '', '| kind | times |', '|---|--:|', ...rows, ''];
}

function soakSection({ system, memory, size, command, statistics }: ChaosReport): string[] {
  const trends = [
    ...memory.heap.map((trend) => ({ ...trend, name: `${trend.name}, heap` })),
    ...memory.rss.map((trend) => ({ ...trend, name: `${trend.name}, resident` })),
  ];
  const sizes = (['znodes', 'watches'] as const).flatMap((name) => {
    const growth = size[name];
    return growth === null
      ? []
      : [`| ${name} | ${growth.first} | ${growth.max} | ${growth.last} | ${growth.perHour.toFixed(1)} |`];
  });
  return [
    `## Soak of ${system.lastsMs / 60_000} minutes`,
    '',
    `${count(statistics.tasks)} tasks at about ${system.tasksPerSecond} a second, without faults: \`${command}\`. Growth an hour is the slope of the second half, by the least value of each minute.`,
    '',
    '| | first | most | last | growth an hour |',
    '|---|--:|--:|--:|--:|',
    ...sizes,
    ...trends.map(
      ({ name, firstMib, maxMib, lastMib, mibPerHour }) =>
        `| ${[`${name}, MiB`, ...[firstMib, maxMib, lastMib, mibPerHour].map((mib) => mib.toFixed(1))].join(' | ')} |`,
    ),
    '',
  ];
}

function dates(runs: readonly ChaosReport[]): string {
  const days = [...new Set(runs.map(({ at }) => at.slice(0, 10)))].sort();
  return days.length < 2 ? (days[0] ?? '?') : `${days[0] ?? ''} to ${days.at(-1) ?? ''}`;
}

/** Of the runs in which somebody looked. */
function viewers(runs: readonly ChaosReport[]): string[] {
  const rows = runs.flatMap(({ seed, viewers: did }) => {
    if (did === null || did === undefined) return [];
    const cells = [did.streams, did.garbage, did.sockets, did.submitted, did.apiKills].map(count);
    return [`| ${seed} | ${count(total(did.answers))} | ${cells.join(' | ')} | ${answersText(did)} |`];
  });
  if (rows.length === 0) return [];
  return [
    '## Viewers',
    '',
    'In these runs every scheduler serves its API, and all the time, while the faults come, viewers ask each of them without end, open streams and read a byte a second or nothing, send garbage (broken HTTP, huge headers, half requests, the beginning of TLS), and open sockets and leave them. A client submits over HTTP alone, and the thread of an API is killed: it exits, throws, or runs out of memory.',
    '',
    '| seed | questions | slow streams | garbage | idle sockets | tasks over HTTP | API threads killed | answers |',
    '|---|--:|--:|--:|--:|--:|--:|---|',
    ...rows,
    '',
    '_error_: no answer within ten seconds, or none at all, as of a scheduler that is killed or paused.',
    '',
  ];
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);
const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
