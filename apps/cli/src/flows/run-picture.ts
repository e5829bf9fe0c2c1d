import type { FlowRunView } from '@drover/client';
import { levelsOf, type Plan, type StepState, type StepView, type WaitsFor } from '@drover/flow';
import type { Colors } from '../terminal/colors.js';
import { formatAgo, formatCount, formatElapsed, someOf } from '../views/format.js';
import { renderTable } from '../views/table.js';
import { firstOf } from './some-of-level.js';

type Shown = Pick<FlowRunView, 'run' | 'flow' | 'state' | 'reason' | 'startedAt' | 'endedAt' | 'steps'>;

export const MARKS: Readonly<Record<StepState, string>> = {
  waiting: '·',
  running: '▶',
  succeeded: '✔',
  failed: '✘',
  cancelled: '■',
  skipped: '↷',
};

/** In this order people want to see them. */
const FIRST: readonly StepState[] = ['failed', 'running', 'cancelled', 'waiting', 'skipped', 'succeeded'];
/** Columns of a text that names several steps. */
const NAMES = 60;

export interface PictureOptions {
  now: number;
  width?: number;
  /** So many steps of a level are shown, those that matter first; the others are counted. */
  most?: number;
}

/** A run as text for people: its steps by level, each with its state, its counts and what it waits for. Pure. */
export function showRun(plan: Plan, run: Shown, colors: Colors, options: PictureOptions): string {
  const { width = Infinity, most = Infinity } = options;
  const rows = levelsOf(plan).flatMap((names, level) => levelRows(run, names, level, { ...options, most }));
  const paint = (text: string): string => painted(text, colors);
  const columns = [
    { head: '', align: 'right' },
    { head: 'step', least: 14, paint },
    { head: 'state', paint: (text: string) => inColor(text, colors) },
    { head: 'done', align: 'right', optional: true },
    { head: 'note', least: 20, optional: true },
    { head: 'task', least: 12, leaveOut: 1, optional: true },
  ] as const;
  return [headOf(run, colors, options.now), '', renderTable(columns, rows, colors, width)].join('\n');
}

/** `nightly 01K..0 failed after 4m 10s: upstream list failed`. */
export function headOf(run: Omit<Shown, 'steps'>, colors: Colors, now: number): string {
  const { flow, state, reason, startedAt, endedAt } = run;
  const color = state === 'pending' || state === 'unknown' ? 'yellow' : COLOR_OF[state];
  const time =
    endedAt === null
      ? `for ${formatElapsed(Math.max(now - startedAt, 0))}`
      : `after ${formatElapsed(Math.max(endedAt - startedAt, 0))}, ${formatAgo(endedAt, now)}`;
  const why = reason === undefined ? (UNTOLD[state] ?? '') : `: ${reason}`;
  return `${colors.bold(flow)} ${run.run} ${colors[color](state)} ${time}${why}`;
}

/** Why the steps of a run are not told. */
const UNTOLD: Readonly<Partial<Record<Shown['state'], string>>> = {
  pending: ': the leader has not read it yet',
  unknown: ': nobody leads, so nobody knows how far its steps are',
};

function levelRows(
  run: Pick<Shown, 'steps'>,
  names: readonly string[],
  level: number,
  { now, most }: PictureOptions & { most: number },
): string[][] {
  const rank = (name: string): number => FIRST.indexOf(run.steps[name]?.state ?? 'waiting');
  const ordered = names.length > most + 1 ? [...names].sort((a, b) => rank(a) - rank(b)) : names;
  const { shown, left } = firstOf(ordered, most);
  const rows = shown.map((name, at) => {
    const step = run.steps[name];
    const begin = at === 0 ? String(level + 1) : '';
    return step === undefined ? [begin, name, '', '', '', ''] : [begin, ...stepCells(name, step, now)];
  });
  return left.length === 0 ? rows : [...rows, ['', `… ${countsOf(run, left)}`, '', '', '', '']];
}

/** `280 more: 270 succeeded, 10 waiting`. */
function countsOf(run: Pick<Shown, 'steps'>, names: readonly string[]): string {
  const counts = FIRST.map(
    (state) => [state, names.filter((name) => run.steps[name]?.state === state).length] as const,
  );
  const parts = counts.filter(([, count]) => count > 0).map(([state, count]) => `${formatCount(count)} ${state}`);
  return `${formatCount(names.length)} more: ${parts.join(', ')}`;
}

function stepCells(name: string, step: StepView, now: number): string[] {
  const { state, tasks, generation, label, reason, waitsFor } = step;
  const isOpen = state === 'waiting' || state === 'running';
  const notes = [
    ...(label === undefined ? [] : [label]),
    ...(reason === undefined ? [] : [reason]),
    ...(isOpen && waitsFor !== undefined ? [waitText(waitsFor, now)] : []),
    ...(generation === 0 ? [] : [`started again, ${generation + 1} times in all`]),
  ];
  const [task = ''] = tasks;
  const more = tasks.length > 1 ? ` … (${tasks.length})` : '';
  return [`${MARKS[state]} ${name}`, state, doneOf(step), notes.join('; '), `${task}${more}`];
}

/** `412/1,000`, `412/1,000, 3 failed`; empty for a step of one task. */
function doneOf({ kind, done, of, failed }: StepView): string {
  if (kind !== 'map' && kind !== 'reduce') return '';
  const count = `${formatCount(done)}/${of === null ? '?' : formatCount(of)}`;
  return failed === 0 ? count : `${count}, ${formatCount(failed)} failed`;
}

/** The reason why a step does not start or does not end. */
export function waitText(waits: WaitsFor, now: number): string {
  switch (waits.kind) {
    case 'steps': {
      const names = waits.steps.map(({ step, done, of }) =>
        of === 1 ? step : `${step} (${formatCount(done)}/${of === null ? '?' : formatCount(of)})`,
      );
      return `waits for ${someOf(names, 0, NAMES)}`;
    }
    case 'time':
      return `waits, ends ${formatAgo(waits.until, now)}`;
    case 'signal': {
      const what = waits.answers.length === 0 ? 'a signal' : waits.answers.join(' or ');
      return `waits for ${what}${waits.until === null ? '' : `, its time is over ${formatAgo(waits.until, now)}`}`;
    }
    case 'turn':
      return `waits for its turn, ${formatCount(waits.ahead)} before it`;
    case 'fire':
      return `waits for an earlier fire of schedule ${waits.schedule}`;
  }
}

export const COLOR_OF: Readonly<Record<StepState, keyof Colors & ('dim' | 'cyan' | 'green' | 'red' | 'yellow')>> = {
  waiting: 'dim',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
  skipped: 'dim',
};

/** A cell that is the name of a state. */
function inColor(text: string, colors: Colors): string {
  const state = (Object.keys(COLOR_OF) as StepState[]).find((each) => each === text.trim());
  return state === undefined ? text : colors[COLOR_OF[state]](text);
}

/** The mark in the colour of its state. */
function painted(text: string, colors: Colors): string {
  const state = (Object.keys(MARKS) as StepState[]).find((each) => text.startsWith(`${MARKS[each]} `));
  return state === undefined ? colors.dim(text) : colors[COLOR_OF[state]](text.slice(0, 1)) + text.slice(1);
}
