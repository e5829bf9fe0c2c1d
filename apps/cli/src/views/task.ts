import type { TaskView } from '@drover/client';
import type { TaskFailure } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatAgo, formatElapsed, oneLine } from './format.js';
import { showState } from './states.js';
import { renderFields, renderTable, type Column } from './table.js';

/** What `drover get` shows to people. `stacks`: of errors. */
export function showTask(task: TaskView, now: number, colors: Colors, { stacks }: { stacks: boolean }): string {
  const fields: [string, string | undefined][] = [
    ['Task', colors.bold(task.id)],
    ['Type', `${task.type} ${colors.dim(`in queue ${task.queue}`)}`],
    ['State', stateOf(task, now, colors)],
    ['Attempt', attemptOf(task)],
    ['Key', task.key ?? undefined],
    ['Submitted', `${when(task.submittedAt, now)} ${colors.dim(`by ${task.client}`)}`],
    ['Finished', task.finishedAt === undefined ? undefined : when(task.finishedAt, now)],
    ['Payload', task.payload === undefined ? undefined : pretty(task.payload)],
    ['Result', 'result' in task ? pretty(task.result) : undefined],
    ['Error', task.error === undefined ? undefined : colors.red(showFailure(task.error, stacks))],
  ];
  const given = fields.filter((field): field is [string, string] => field[1] !== undefined);
  const history = task.history.length > 1 ? `\n\n${showHistory(task, now, colors)}` : '';
  return renderFields(given, colors) + history;
}

function stateOf(task: TaskView, now: number, colors: Colors): string {
  const notes = [
    task.dueAt === undefined ? null : `due ${formatAgo(task.dueAt, now)}`,
    task.progress === undefined ? null : `${Math.round(task.progress * 100)}%`,
    task.note ?? null,
    task.reason ?? null,
  ].filter((note) => note !== null);
  return [showState(task.state, colors), ...notes].join(', ');
}

function attemptOf(task: TaskView): string {
  const worker = task.worker === null ? '' : `, on ${task.worker}`;
  const began = task.startedAt === undefined ? '' : ` since ${new Date(task.startedAt).toISOString()}`;
  return `${task.attempt} (at most ${task.maxAttempts} may fail)${worker}${began}`;
}

function showHistory(task: TaskView, now: number, colors: Colors): string {
  const rows = task.history.map(({ attempt, outcome, worker, at, ms, error }) => [
    attempt,
    outcome,
    worker,
    formatAgo(at, now),
    ms === undefined ? '' : formatElapsed(ms),
    error === undefined ? '' : oneLine(showFailure(error, false), 60),
  ]);
  const heads = ['attempt', 'outcome', 'worker', 'ended', 'took', 'why'];
  return renderTable(
    heads.map((head) => ({ head })),
    rows,
    colors,
  );
}

export function showFailure(error: TaskFailure, stacks: boolean): string {
  return stacks && error.stack !== undefined ? error.stack : `${error.name}: ${error.message}`;
}

const when = (at: number, now: number): string => `${new Date(at).toISOString()} (${formatAgo(at, now)})`;
const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

export const TASK_COLUMNS: readonly Column[] = [
  { head: 'task' },
  { head: 'type' },
  { head: 'queue' },
  { head: 'state' },
  { head: 'attempt', align: 'right' },
  { head: 'worker' },
  { head: 'submitted' },
  { head: 'why' },
];

export function taskRow(task: TaskView, now: number, colors: Colors): (string | number)[] {
  const due = task.dueAt === undefined ? '' : `due ${formatAgo(task.dueAt, now)}`;
  const why = task.error === undefined ? (task.reason ?? due) : showFailure(task.error, false);
  return [
    task.id,
    oneLine(task.type, 30),
    oneLine(task.queue, 20),
    showState(task.state, colors),
    task.attempt,
    task.worker ?? '-',
    formatAgo(task.submittedAt, now),
    oneLine(why, 50),
  ];
}
