import Table from 'cli-table3';
import type { LeaderlessTimes } from '@drover/verify';
import type { Trend } from '../memory/trend.js';
import { targetsOf, verdictOf } from './targets.js';
import type { ChaosReport } from './report.js';

/** The tables of one run, for a terminal. */
export function reportText(report: ChaosReport): string {
  const parts = [figures(report), viewers(report), faults(report), targets(report), memory(report), report.verdicts];
  if (report.broken.length > 0) parts.push(['Wrong besides:', ...report.broken].join('\n'));
  parts.push(report.held ? 'Every promise held.' : 'BROKEN: not every promise held.');
  return parts.filter((part) => part !== '').join('\n');
}

const style = { head: [], border: [] };

function figures({ statistics, fenced, takenAway, size, soak }: ChaosReport): string {
  const { tasks, acknowledged, starts, reassignments, leaderless } = statistics;
  const table = new Table({ style });
  table.push(
    ['tasks submitted (acknowledged)', `${count(tasks)} (${count(acknowledged)})`],
    ['starts (beyond the first of a task)', `${count(starts)} (${count(reassignments)})`],
    [
      'taken away from workers',
      Object.entries(takenAway)
        .map(([reason, n]) => `${reason} ${n}`)
        .join(', ') || 'none',
    ],
    [
      'refused: leader writes, results, resource writes',
      [fenced.leaderWrites, fenced.results, fenced.resourceWrites].join(', '),
    ],
    ['nobody led after a kill', timesText(leaderless.killed)],
    ['nobody led after an orderly stop', timesText(leaderless.stopped)],
  );
  for (const name of ['znodes', 'watches'] as const) {
    const growth = size[name];
    if (growth === null) continue;
    const perHour = soak ? `; ${growth.perHour.toFixed(1)} an hour` : '';
    table.push([`${name}: first, most, last`, `${growth.first}, ${growth.max}, ${growth.last}${perHour}`]);
  }
  return table.toString();
}

function viewers({ viewers: did }: ChaosReport): string {
  if (did === null || did === undefined) return '';
  const table = new Table({ style });
  table.push(
    ['questions to APIs, by their answers', answersText(did)],
    [
      'streams read too slowly, pieces of garbage, idle sockets',
      [did.streams, did.garbage, did.sockets].map(count).join(', '),
    ],
    ['tasks acknowledged over HTTP', count(did.submitted)],
    ['API threads killed', count(did.apiKills)],
  );
  return table.toString();
}

export const answersText = ({ answers }: { answers: Readonly<Record<string, number>> }): string =>
  Object.entries(answers)
    .sort(([, a], [, b]) => b - a)
    .map(([answer, times]) => `${answer} ${count(times)}`)
    .join(', ');

function faults({ statistics }: ChaosReport): string {
  const kinds = Object.entries(statistics.faults).sort(([a], [b]) => a.localeCompare(b));
  if (kinds.length === 0) return 'No faults.';
  const table = new Table({ head: ['fault', 'times'], style });
  table.push(...kinds.map(([name, times]) => [name, String(times)]));
  return table.toString();
}

function targets(report: ChaosReport): string {
  const rows = targetsOf([report]);
  if (rows.length === 0) return '';
  const table = new Table({ head: ['', 'measured', 'target', ''], style });
  table.push(...rows.map((row) => [row.name, row.measured, row.target, verdictOf(row)]));
  return table.toString();
}

/** Growth is for a soak: in minutes, and with processes that are started again, its slope says nothing. */
function memory({ memory: { rss, heap }, soak }: ChaosReport): string {
  if (rss.length === 0) return '';
  const table = new Table({ head: ['MiB', 'first', 'most', 'last', ...(soak ? ['an hour'] : [])], style });
  const add = (name: string, { firstMib, maxMib, lastMib, mibPerHour }: Trend): void => {
    const values = [firstMib, maxMib, lastMib, ...(soak ? [mibPerHour] : [])];
    table.push([name, ...values.map((value) => value.toFixed(1))]);
  };
  for (const trend of rss) add(trend.name, trend);
  for (const trend of heap) add(`${trend.name} heap`, trend);
  return table.toString();
}

export function timesText({ count: times, disturbed, medianMs, p99Ms, maxMs }: LeaderlessTimes): string {
  const left = disturbed === 0 ? '' : ` (${disturbed} more while other faults were there)`;
  if (times === 0) return `never${left}`;
  return `${times} times: median ${ms(medianMs)}, p99 ${ms(p99Ms)}, most ${ms(maxMs)}${left}`;
}

const ms = (value: number | null): string => `${count(Math.round(value ?? NaN))} ms`;
export const count = (value: number): string => value.toLocaleString('en-US');
