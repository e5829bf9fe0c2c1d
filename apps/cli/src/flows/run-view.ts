import type { FlowRunSummary, FlowRunView } from '@drover/client';
import type { Colors } from '../terminal/colors.js';
import { formatAge, formatCount, formatElapsed } from '../views/format.js';
import { renderFields, type Cell, type Column } from '../views/table.js';
import { COLOR_OF, headOf, MARKS, waitText } from './run-picture.js';

/** Columns of a list of runs. */
export const RUN_COLUMNS: readonly Column[] = [
  { head: 'run' },
  { head: 'flow', least: 10 },
  { head: 'state' },
  { head: 'age', align: 'right' },
  { head: 'took', align: 'right' },
  { head: 'queue', least: 8, leaveOut: 2 },
  { head: 'reason', least: 16, leaveOut: 1, optional: true },
];

export function runRow(run: FlowRunSummary, colors: Colors, now: number): Cell[] {
  const { startedAt, endedAt, state } = run;
  const took = endedAt === null ? '-' : formatElapsed(Math.max(endedAt - startedAt, 0));
  return [
    run.run,
    run.flow,
    colors[COLOR_OF[state]](state),
    formatAge(startedAt, now),
    took,
    run.queue,
    run.reason ?? '',
  ];
}

/** A run as fields, its steps in the order of the plan. */
export function showRunFields(run: FlowRunView, colors: Colors, now: number): string {
  const steps = Object.entries(run.steps).map(([name, step]) => {
    const isCounted = step.kind === 'map' || step.kind === 'reduce';
    const count = isCounted ? ` ${formatCount(step.done)}/${step.of === null ? '?' : formatCount(step.of)}` : '';
    const failed = isCounted && step.failed > 0 ? `, ${formatCount(step.failed)} failed` : '';
    const waits = step.waitsFor === undefined || step.state === 'succeeded' ? [] : [waitText(step.waitsFor, now)];
    const notes = [
      ...(step.label === undefined ? [] : [step.label]),
      ...(step.reason === undefined ? [] : [step.reason]),
      ...waits,
    ];
    const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
    return `${colors[COLOR_OF[step.state]](MARKS[step.state])} ${name} ${step.state}${count}${failed}${note}`;
  });
  return [
    headOf(run, colors, now),
    renderFields(
      [
        ['Queue', run.queue],
        ['Plan', run.plan],
        ['Steps', steps.join('\n')],
        ...(run.output === undefined ? [] : [['Output', JSON.stringify(run.output, null, 2)] as const]),
      ],
      colors,
    ),
  ].join('\n');
}
