import type { AttemptView, TaskView } from '@drover/client';
import { inOneLine, type TaskFailure } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { attemptOf } from './attempts.js';
import { formatAge, formatAgo, formatElapsed } from './format.js';
import { showState } from './states.js';
import { renderFields, renderTable, type Column } from './table.js';

/** The text of `drover get` for people. `stacks`: of errors; `width`: of the terminal, without one nothing is cut. */
export function showTask(
  task: TaskView,
  now: number,
  colors: Colors,
  { stacks, width = Infinity }: { stacks: boolean; width?: number },
): string {
  const fields: [string, string | undefined][] = [
    ['Task', colors.bold(task.id)],
    ['Type', `${inOneLine(task.type)} ${colors.dim(`in queue ${inOneLine(task.queue)}`)}`],
    ['Tenant', task.tenant === undefined ? undefined : inOneLine(task.tenant)],
    ['Priority', task.priority === undefined ? undefined : String(task.priority)],
    ['State', stateOf(task, now, colors)],
    ['Attempt', attemptLine(task)],
    ['Key', task.key === null ? undefined : `${inOneLine(task.key)}${uniqueOf(task)}`],
    ['After', afterOf(task)],
    ['Limits', task.limits?.map(inOneLine).join(', ')],
    ['Sequence', task.sequence === undefined ? undefined : sequenceOf(task.sequence)],
    ['Superseded by', task.supersededBy],
    ['Submitted', `${when(task.submittedAt, now)} ${colors.dim(`by ${inOneLine(task.client)}`)}`],
    ['Finished', task.finishedAt === undefined ? undefined : when(task.finishedAt, now)],
    ['Payload', task.payload === undefined ? undefined : pretty(task.payload)],
    ['Result', 'result' in task ? pretty(task.result) : undefined],
    ['Error', task.error === undefined ? undefined : colors.red(showError(task.error, stacks))],
    ['Log', logOf(task)],
  ];
  const given = fields.filter((field): field is [string, string] => field[1] !== undefined);
  const history = task.history.length > 1 ? `\n\n${showHistory(task, now, colors, width)}` : '';
  return renderFields(given, colors) + history;
}

/** The end of the log of the last attempt, where it is stored. */
function logOf({ history }: TaskView): string | undefined {
  const lines = history.at(-1)?.log;
  return lines === undefined || lines.length === 0 ? undefined : lines.map(inOneLine).join('\n');
}

/** The meaning of its key, if that is more than one unfinished task at a time. */
function uniqueOf({ unique }: TaskView): string {
  if (unique === undefined) return '';
  const { mode, forMs, everyMs, trailing, quietMs, maxMs } = unique;
  const times = { for: forMs, every: everyMs, quiet: quietMs, max: maxMs };
  const given = Object.entries(times).flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatElapsed(ms)}`]));
  return ` (${[mode, ...given, ...(trailing ? [] : ['without a trailing run'])].join(', ')})`;
}

function afterOf({ after, afterMode }: TaskView): string | undefined {
  return after === undefined ? undefined : `${after.join(', ')}${afterMode === 'ended' ? ' (however they end)' : ''}`;
}

const sequenceOf = ({ key, onFailure }: NonNullable<TaskView['sequence']>): string =>
  `${inOneLine(key)}${onFailure === 'block' ? ' (waits for a failed one)' : ''}`;

function stateOf(task: TaskView, now: number, colors: Colors): string {
  const notes = [
    task.dueAt === undefined ? null : `due ${formatAgo(task.dueAt, now)}`,
    task.expiresAt === undefined ? null : `expires ${formatAgo(task.expiresAt, now)}`,
    task.deadlineAt === undefined ? null : `deadline ${formatAgo(task.deadlineAt, now)}`,
    task.progress === undefined ? null : `${Math.round(task.progress * 100)}%`,
    task.note ?? null,
    task.reason ?? null,
    task.state === 'cancelled' ? askedBy(task.history.at(-1)) : null,
  ].filter((note) => note !== null);
  return [showState(task.state, colors), ...notes.map(inOneLine)].join(', ');
}

/** `by ada: not needed`; `null` where nobody said. */
function askedBy(attempt: AttemptView | undefined): string | null {
  if (attempt?.by === undefined && attempt?.reason === undefined) return null;
  return [attempt.by === undefined ? null : `by ${attempt.by}`, attempt.reason]
    .filter((part) => part !== null && part !== undefined)
    .join(': ');
}

function attemptLine(task: TaskView): string {
  const worker = task.worker === null ? '' : `, on ${inOneLine(task.worker)}`;
  const began = task.startedAt === undefined ? '' : ` since ${new Date(task.startedAt).toISOString()}`;
  return `${attemptOf(task)}${worker}${began}`;
}

function showHistory(task: TaskView, now: number, colors: Colors, width: number): string {
  const rows = task.history.map((attempt) => [
    attempt.attempt,
    attempt.outcome,
    attempt.worker ?? '-',
    formatAgo(attempt.at, now),
    attempt.ms === undefined ? '' : formatElapsed(attempt.ms),
    attempt.error === undefined ? (askedBy(attempt) ?? '') : showFailure(attempt.error, false),
  ]);
  const columns: Column[] = [
    { head: 'attempt', align: 'right' },
    { head: 'outcome' },
    { head: 'worker', least: 8 },
    { head: 'ended' },
    { head: 'took', align: 'right' },
    { head: 'why', least: 16 },
  ];
  return renderTable(columns, rows, colors, width);
}

/** The failure in one line; with `stacks` its stack follows, if it has one. */
export function showFailure(error: TaskFailure, stacks: boolean): string {
  return stacks && error.stack !== undefined ? error.stack : inOneLine(`${error.name}: ${error.message}`);
}

/** The failure in as many lines as its message has. */
function showError(error: TaskFailure, stacks: boolean): string {
  return stacks && error.stack !== undefined ? error.stack : `${error.name}: ${error.message}`;
}

const when = (at: number, now: number): string => `${new Date(at).toISOString()} (${formatAgo(at, now)})`;
const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

/** Columns of `drover ls`, most important first; 80 characters have room for all but attempt and worker. */
export const TASK_COLUMNS: readonly Column[] = [
  { head: 'task' },
  { head: 'state' },
  { head: 'age', align: 'right' },
  { head: 'type', least: 8 },
  { head: 'queue', least: 7, leaveOut: 1 },
  { head: 'try', align: 'right', leaveOut: 3 },
  { head: 'worker', least: 6, leaveOut: 2, optional: true },
  { head: 'why', least: 12 },
];

export function taskRow(task: TaskView, now: number, colors: Colors): (string | number)[] {
  const due = task.dueAt === undefined ? '' : `due ${formatAgo(task.dueAt, now)}`;
  const asked = task.state === 'cancelled' ? (askedBy(task.history.at(-1)) ?? '') : due;
  return [
    task.id,
    showState(task.state, colors),
    formatAge(task.submittedAt, now),
    task.type,
    task.queue,
    task.attempt,
    task.worker ?? '-',
    task.error === undefined ? (task.reason ?? asked) : showFailure(task.error, false),
  ];
}
