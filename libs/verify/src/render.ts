import type { LeaderlessTimes } from './leaderless.js';
import type { Report, RuleReport, Statistics, Verdict } from './report.js';
import type { Violation } from './rules/rule.js';
import type { HistoryLine } from './task-history.js';

/** How some words are coloured; by itself not at all. */
export interface Paint {
  good: (text: string) => string;
  bad: (text: string) => string;
  quiet: (text: string) => string;
}

const PLAIN: Paint = { good: (text) => text, bad: (text) => text, quiet: (text) => text };

/**
 * The report for people: a line for each rule, the statistics, the notes, and the earliest violation with its history.
 */
export function renderReport({ rules, statistics, notes, beganAt }: Report, paint: Paint = PLAIN): string {
  const broken = rules.flatMap(({ name, first }) => (first === undefined ? [] : [{ name, first }]));
  // Only the earliest violation is shown: later ones often follow from it.
  const [earliest] = broken.sort((a, b) => a.first.at - b.first.at);
  const parts = [renderTable(rules, paint), renderStatistics(statistics)];
  if (notes.length > 0) parts.push(notes.join('\n'));
  if (earliest !== undefined)
    parts.push(`${paint.bad(earliest.name)}\n${renderViolation(earliest.first, beganAt, paint)}`);
  return parts.join('\n\n');
}

function renderTable(rules: readonly RuleReport[], paint: Paint): string {
  const width = Math.max(...rules.map(({ name }) => name.length));
  return rules
    .map((rule) => {
      const verdict = colourOf(rule.verdict, paint)(rule.verdict.padEnd('not checked'.length));
      return `${verdict}  ${rule.name.padEnd(width)}  ${detailOf(rule, paint)}`;
    })
    .join('\n');
}

function detailOf({ verdict, checked, violations, reason = '' }: RuleReport, paint: Paint): string {
  if (verdict === 'not checked') return paint.quiet(reason);
  const looked = `${checked.toLocaleString('en-US')} checked`;
  return verdict === 'held' ? looked : `${looked}, ${violations.toLocaleString('en-US')} broken`;
}

function renderStatistics({ tasks, starts, reassignments, fencedWrites, leaderless, faults }: Statistics): string {
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const counts = { tasks, starts, again: reassignments, 'writes refused': fencedWrites, faults: injected };
  const shown = Object.entries(counts).map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`);
  const times = Object.entries(leaderless).flatMap(([how, one]) => renderTimes(how, one));
  return [shown.join(', '), ...times].join('\n');
}

function renderTimes(how: string, { count, disturbed, medianMs, p99Ms, maxMs }: LeaderlessTimes): string[] {
  if (count === 0) return [];
  const [median, p99, max] = [medianMs, p99Ms, maxMs].map((ms) => `${Math.round(ms ?? 0)} ms`);
  const others = disturbed === 0 ? '' : `, ${disturbed} more with other faults underway`;
  return [`leader ${how} ${count} times: nobody led for ${median} (median), ${p99} (p99), ${max} (max)${others}`];
}

function colourOf(verdict: Verdict, { good, bad, quiet }: Paint): (text: string) => string {
  return { held: good, broken: bad, 'not checked': quiet }[verdict];
}

/** The violation in a sentence, and below it the history; times in seconds since `beganAt`. */
export function renderViolation(violation: Violation, beganAt: number, paint: Paint = PLAIN): string {
  const { task, what, at, history } = violation;
  const subject = task === undefined ? what : `task ${task}: ${what}`;
  return [
    `${subject} (at ${seconds(at, beganAt)} s)`,
    ...history.map((line) => renderLine(line, beganAt, paint, task !== undefined)),
  ].join('\n');
}

/** `ofOneTask`: its name is not repeated. */
function renderLine({ at, from, entry }: HistoryLine, beganAt: number, paint: Paint, ofOneTask: boolean): string {
  const known = ['at', 'type', 'op', ...(ofOneTask ? ['task'] : [])];
  const shown = Object.entries(entry).filter(([name]) => !known.includes(name));
  const fields = shown.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const words = [entry.op, entry.type].filter((word) => typeof word === 'string').join(' ');
  return `  ${seconds(at, beganAt).padStart(10)}  ${from.padEnd(10)}  ${words.padEnd(13)}  ${paint.quiet(fields.join(' '))}`;
}

const seconds = (at: number, beganAt: number): string => ((at - beganAt) / 1_000).toFixed(3);
