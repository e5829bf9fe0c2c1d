import type { WhyView } from '@drover/client';
import { inOneLine } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { COLOR_OF } from '../flows/run-picture.js';
import { counted, formatAgo, formatCount, formatElapsed } from './format.js';
import { showState } from './states.js';
import { renderFields, renderTable } from './table.js';

/** The text of `drover why` for people. */
export function showWhy(view: WhyView, now: number, colors: Colors, width = Infinity): string {
  const { task, sentence, reasons, line, workers, asOf, expiresAt, deadlineAt } = view;
  const others = reasons.filter(({ text }) => text !== sentence);
  const fields: [string, string | undefined][] = [
    [view.isRun === true ? 'Run' : 'Task', `${colors.bold(task)}, ${stateOf(view, colors)}`],
    ['Why', colors.bold(inOneLine(sentence))],
    ...others.map(({ text, blocking }): [string, string] => [blocking ? 'Then' : 'Also', inOneLine(text)]),
    ['Expires', expiresAt === undefined ? undefined : `${when(expiresAt, now)}, unless it is started by then`],
    ['Deadline', deadlineAt === undefined ? undefined : `${when(deadlineAt, now)}, whatever it does then`],
    ['In line', line === null ? undefined : lineOf(line)],
    ['Workers', workers === null ? undefined : workersOf(workers)],
  ];
  const given = fields.filter((field): field is [string, string] => field[1] !== undefined);
  const note = asOf === null && reasons[0]?.code !== 'task-ended' ? `\n\n${colors.dim(NO_ANSWER)}` : '';
  return renderFields(given, colors) + tableOf(workers, colors, width) + note;
}

/** Runs have states and colours of their own. */
function stateOf({ state }: WhyView, colors: Colors): string {
  if (state === 'unknown') return 'in a state that only a leader knows';
  return state === 'waiting' ? colors[COLOR_OF[state]](state) : showState(state, colors);
}

const when = (at: number, now: number): string => `${new Date(at).toISOString()} (${formatAgo(at, now)})`;

const NO_ANSWER = 'The leader did not explain it: this is what the znodes tell.';

function lineOf({ ahead, exact, perSecond, etaMs }: NonNullable<WhyView['line']>): string {
  const before = `${exact ? '' : 'more than '}${counted(ahead, 'task')} of its queue, tenant and type before it`;
  if (perSecond === null || etaMs === null) return before;
  return `${before}; at most ${formatCount(Math.round(perSecond))} end in a second, so its turn is ${formatElapsed(etaMs)} away at least`;
}

function workersOf({ total, eligible, filtered }: NonNullable<WhyView['workers']>): string {
  const shutOut = Object.entries(filtered).flatMap(([why, count]) =>
    typeof count === 'number'
      ? [{ count, what: FILTERS[why] ?? why }]
      : Object.entries(count).map(([name, each]) => ({ count: each, what: `${NAMED[why] ?? why} ${name}` })),
  );
  const told = shutOut.filter(({ count }) => count > 0).map(({ count, what }) => `${formatCount(count)} ${what}`);
  return [`${formatCount(eligible)} of ${formatCount(total)} have room for its type`, ...told].join(', ');
}
const FILTERS: Record<string, string> = {
  type: 'without its type',
  draining: 'draining',
  full: 'full',
  pool: 'in other pools',
  pressed: 'with overloaded machines',
};
const NAMED: Record<string, string> = { lacks: 'with too little', label: 'with another', full: 'out of' };

function tableOf(workers: WhyView['workers'], colors: Colors, width: number): string {
  if (workers === null || workers.table.length === 0) return '';
  const rows = workers.table.map(({ worker, verdict, free }) => [worker, VERDICTS[verdict] ?? verdict, free]);
  const columns = [{ head: 'worker', least: 8 }, { head: 'verdict' }, { head: 'free', align: 'right' as const }];
  const more = workers.total - workers.table.length;
  const rest = more === 0 ? '' : `\n${colors.dim(`and ${formatCount(more)} more`)}`;
  return `\n\n${renderTable(columns, rows, colors, width)}${rest}`;
}
const VERDICTS: Record<string, string> = {
  type: 'does not offer the type',
  draining: 'draining',
  'no-capacity': 'has no capacity',
  'not-understood': 'lacks a feature that the batch needs',
  'kept-for-suspects': 'kept for suspects',
  full: 'full',
  'type-limit': 'has as many of the type as it runs',
  eligible: 'has room',
};
