import type { Range } from '@drover/core';
import type { StepReport } from '@drover/protocol';
import type { Work } from '../run/work.js';

/** Whether an end of the work says more than its result: how a step ended. The leader must read such a report. */
export function saysMore(work: Work): boolean {
  if (!work.hasSteps) return false;
  return work.indexes.some((_index, position) => work.endAt(position).step !== undefined);
}

/** The fields of a report about these tasks as steps. `positions`: ascending. */
export function stepReport(work: Work, positions: readonly number[]): StepReport {
  if (!work.hasSteps) return NOTHING;
  const labels: [number, number, string][] = [];
  const skipped: Range[] = [];
  const expanded: [number, number][] = [];
  const becomes: [number, string][] = [];
  for (const position of positions) {
    const { step } = work.endAt(position);
    const index = work.indexes[position] ?? 0;
    if (step?.label !== undefined) addLabel(labels, index, step.label);
    if (step?.skipped === true) addIndex(skipped, index);
    if (step?.expanded !== undefined) expanded.push([index, step.expanded]);
    if (step?.becomes !== undefined) becomes.push([index, step.becomes]);
  }
  return {
    ...(labels.length > 0 && { labels }),
    ...(skipped.length > 0 && { skipped }),
    ...(expanded.length > 0 && { expanded }),
    ...(becomes.length > 0 && { becomes }),
  };
}

const NOTHING: StepReport = Object.freeze({});

function addLabel(labels: [number, number, string][], index: number, label: string): void {
  const last = labels.at(-1);
  if (last?.[1] === index && last[2] === label) last[1] = index + 1;
  else labels.push([index, index + 1, label]);
}

function addIndex(ranges: Range[], index: number): void {
  const last = ranges.at(-1);
  if (last?.[1] === index) ranges[ranges.length - 1] = [last[0], index + 1];
  else ranges.push([index, index + 1]);
}
