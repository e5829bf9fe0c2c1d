import type { RunView } from '@drover/flow';
import type { JSX } from 'preact';
import { Table, type Column } from '../../ui/table.js';
import { useWindow } from '../window.js';
import { StepBadge } from './flow-badges.js';
import { byUrgency, progressText, stepLine, type NamedStep } from './step.decide.js';
import { StepMeter } from './step-meter.js';
import { toStep } from './to-step.js';

const COLUMNS: readonly Column<NamedStep>[] = [
  { head: 'Step', main: true, cell: ([name]) => name },
  { head: 'State', cell: ([, step]) => <StepBadge step={step} /> },
  { head: 'Kind', wide: true, cell: ([, step]) => step.kind },
  {
    head: 'Progress',
    cell: ([, step]) => progressText(step) !== '' && <StepMeter step={step} />,
  },
  {
    head: 'What it waits for, or why it ended so',
    full: true,
    cell: ([, step]) => stepLine({ ...step, kind: 'task' }),
  },
];

/** The steps of a run as rows, those that need somebody first. */
export function StepList({ run }: { run: RunView }): JSX.Element {
  const { shown, more } = useWindow(byUrgency(run));
  return (
    <>
      <Table
        caption="Steps; those that need somebody stand first"
        rows={shown}
        columns={COLUMNS}
        rowKey={([name]) => name}
        rowTo={([name]) => toStep(name)}
        rowTestId={([name]) => `step-row-${name}`}
      />
      {more}
    </>
  );
}
