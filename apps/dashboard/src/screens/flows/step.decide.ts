import type { RunState, RunView, StepState, StepView, WaitsFor } from '@drover/flow';
import type { Tone } from '../../ui/badge.js';
import { absolute, count, counted } from '../../ui/format.js';
import type { IconName } from '../../ui/icon.js';

/** How a step looks: a word with its colour and its sign. */
export interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly word: string;
}

/** States of a run that are not the leader's: it has not read the run yet, or nobody leads. */
export type Untold = 'pending' | 'unknown';

const STATES: Readonly<Record<StepState | Untold, Omit<Look, 'word'>>> = {
  waiting: { tone: 'mute', icon: 'wait' },
  running: { tone: 'info', icon: 'run' },
  succeeded: { tone: 'ok', icon: 'ok' },
  failed: { tone: 'bad', icon: 'cross' },
  cancelled: { tone: 'mute', icon: 'stop' },
  skipped: { tone: 'mute', icon: 'right' },
  pending: { tone: 'mute', icon: 'question' },
  unknown: { tone: 'mute', icon: 'question' },
};

export const runLook = (state: RunState | Untold): Look => ({ ...STATES[state], word: state });

export function stepLook(step: StepView): Look {
  if (waitsForPerson(step)) return { tone: 'warn', icon: 'user', word: 'waits for an answer' };
  if (!isOver(step) && step.waitsFor?.kind === 'time')
    return { tone: 'mute', icon: 'clock', word: 'waits for its time' };
  return { ...STATES[step.state], word: step.state };
}

export const isOver = ({ state }: { state: StepState | RunState }): boolean =>
  state !== 'waiting' && state !== 'running';

/** Nothing but a signal lets it go on. */
export const waitsForPerson = (step: StepView): boolean => !isOver(step) && step.waitsFor?.kind === 'signal';

/** `8,120 of 10,000, 3 failed`; `8,120 so far` while nobody knows how many; empty: the step is one task or none. */
export function progressText({ kind, done, of, failed, state }: StepView): string {
  if (kind !== 'map' && kind !== 'reduce') return '';
  if (of === null && done === 0 && state !== 'running') return '';
  const some = of === null ? `${count(done)} so far` : `${count(done)} of ${count(of)}`;
  return failed === 0 ? some : `${some}, ${count(failed)} failed`;
}

/** Between 0 and 1; null: there is nothing to measure. */
export function progressOf({ kind, done, of }: StepView): number | null {
  if ((kind !== 'map' && kind !== 'reduce') || of === null) return null;
  return of === 0 ? 1 : Math.min(1, done / of);
}

/** Steps that are named before the others are only counted. */
const NAMED = 3;

/** `waits for parse (8,120 of 10,000) and list`. */
export function waitsText(waits: WaitsFor): string {
  switch (waits.kind) {
    case 'steps':
      return waits.steps.length === 0 ? 'starts in a moment' : `waits for ${listed(waits.steps.map(nameOf))}`;
    case 'time':
      return `waits until ${absolute(waits.until)}`;
    case 'signal': {
      const what = waits.answers.length === 0 ? 'a signal' : waits.answers.join(' or ');
      return `waits for ${what}${waits.until === null ? '' : `, until ${absolute(waits.until)}`}`;
    }
    case 'turn':
      return waits.ahead === 0
        ? 'waits for its turn: it is the next'
        : `waits for its turn: ${counted(waits.ahead, 'run is', 'runs are')} before it`;
    case 'fire':
      return `waits for an earlier fire of schedule ${waits.schedule}`;
  }
}

const nameOf = ({ step, done, of }: { step: string; done: number; of: number | null }): string =>
  of !== null && of > 1 ? `${step} (${count(done)} of ${count(of)})` : step;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED);
  const left = names.length - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** In one line: what a step has done, ended with, or waits for. */
export function stepLine(step: StepView): string {
  const parts = [
    progressText(step),
    step.label === undefined ? '' : `answer ${step.label}`,
    isOver(step) || step.waitsFor === undefined ? '' : waitsText(step.waitsFor),
    step.reason ?? '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** A step with its name. */
export type NamedStep = readonly [name: string, step: StepView];

/** The steps that need somebody first: waits for a person, failed, runs, waits, over; within that as the plan has them. */
export const byUrgency = ({ steps }: Pick<RunView, 'steps'>): NamedStep[] =>
  Object.entries(steps).sort(([, a], [, b]) => rankOf(a) - rankOf(b));

export function rankOf(step: StepView): number {
  if (waitsForPerson(step)) return 0;
  if (step.state === 'failed') return 1;
  if (step.state === 'running') return step.failed > 0 ? 2 : 3;
  return step.state === 'waiting' ? 4 : 5;
}
