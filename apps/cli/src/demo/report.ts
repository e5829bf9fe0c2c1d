import type { Colors } from '../terminal/colors.js';
import { formatCount, formatElapsed } from '../views/format.js';
import { renderTable, type Column } from '../views/table.js';
import type { TextFacts } from './compute.js';
import type { Check } from './evidence.js';
import type { FlowShow } from './flow-show.js';
import type { JobTask } from './job.js';
import type { Takeover } from './takeover.js';

export interface DemoReport {
  job: readonly JobTask[];
  elapsedMs: number;
  takeover: Takeover;
  flow: FlowShow;
  checks: readonly Check[];
}

/** The document of `drover demo --json`. */
export function reportDocument({ job, elapsedMs, takeover, flow, checks }: DemoReport): object {
  return {
    ok: checks.every(({ ok }) => ok),
    tasks: job.length,
    succeeded: job.filter(succeeded).length,
    elapsedMs: Math.round(elapsedMs),
    tasksPerSecond: Math.round(perSecond(job.length, elapsedMs)),
    takeover: takeoverDocument(takeover),
    flow: { ...flow, elapsedMs: Math.round(flow.elapsedMs), takeover: takeoverDocument(flow.takeover) },
    checks,
  };
}

const takeoverDocument = (takeover: Takeover): Takeover => ({ ...takeover, tookMs: Math.round(takeover.tookMs) });

/** The final text for people. */
export function showReport({ job, elapsedMs, takeover, flow, checks }: DemoReport, colors: Colors): string {
  const marks = checks.map(
    ({ ok, claim, found }) => `${ok ? colors.green('✓') : colors.red('✗')} ${claim} ${colors.dim(`(${found})`)}`,
  );
  const rate = Math.round(perSecond(job.length, elapsedMs));
  return [
    showResults(job, colors),
    '',
    `${formatCount(job.length)} tasks in ${formatElapsed(elapsedMs)}: ${formatCount(rate)}/s, the takeover included`,
    takeoverText(takeover),
    '',
    `Flow: a map over ${formatCount(flow.items)} ranges and a reduce found ${formatCount(flow.result)} primes in ${formatElapsed(flow.elapsedMs)}`,
    takeoverText(flow.takeover),
    '',
    ...marks,
  ].join('\n');
}

const takeoverText = ({ before, after, tookMs }: Takeover): string =>
  `Takeover: ${before.id} led epoch ${before.epoch} and was killed; ${after.id} led epoch ${after.epoch} after ${formatElapsed(tookMs)}`;

function showResults(job: readonly JobTask[], colors: Colors): string {
  const types = [...new Set(job.map(({ task }) => task.type))].sort();
  const rows = types.map((type) => {
    const ofType = job.filter(({ task }) => task.type === type);
    const done = ofType.filter(succeeded);
    return [type, ofType.length, done.length, summaryOf(type, done.map(resultOf))];
  });
  const heads = [
    { head: 'type' },
    { head: 'tasks', align: 'right' },
    { head: 'succeeded', align: 'right' },
    { head: 'total' },
  ];
  return renderTable(heads as Column[], rows, colors);
}

function summaryOf(type: string, results: readonly unknown[]): string {
  if (type === 'demo.primes') return `${formatCount(total(results as number[]))} primes`;
  if (type === 'demo.sum-of-squares') return `largest sum ${String(results.at(-1))}`;
  const facts = results as TextFacts[];
  const [lines, words, bytes] = [facts.map((f) => f.lines), facts.map((f) => f.words), facts.map((f) => f.bytes)].map(
    total,
  );
  return `${formatCount(lines ?? 0)} lines, ${formatCount(words ?? 0)} words, ${formatCount(bytes ?? 0)} bytes`;
}

const succeeded = ({ outcome }: JobTask): boolean => outcome !== null && 'result' in outcome;
const resultOf = ({ outcome }: JobTask): unknown => (outcome !== null && 'result' in outcome ? outcome.result : null);
const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
const perSecond = (count: number, elapsedMs: number): number => count / Math.max(elapsedMs / 1_000, 0.001);
