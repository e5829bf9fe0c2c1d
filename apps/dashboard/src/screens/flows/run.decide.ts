import type { Edge, Plan, RunView } from '@drover/flow';
import { edgesOf } from '@drover/flow/edges';
import { counted } from '../../ui/format.js';
import type { Verdict } from '../verdict.js';
import { byUrgency, isOver, progressText, waitsForPerson, waitsText, type NamedStep } from './step.decide.js';

/** How a run stands, as an operator wants to know it: what waits for a person comes before anything else. Pure. */
export function standingOf(run: Pick<RunView, 'state' | 'steps' | 'reason'>): Verdict {
  const steps = byUrgency(run);
  const because = run.reason === undefined ? '' : `: ${run.reason}`;
  switch (run.state) {
    case 'succeeded':
      return { word: 'succeeded', tone: 'ok', text: `${over(steps)} and its result is stored.`, rank: 5 };
    case 'cancelled':
      return { word: 'cancelled', tone: 'mute', text: `It was cancelled${because}.`, rank: 4 };
    case 'failed':
      return { word: 'failed', tone: 'bad', text: failedText(steps, because), rank: 1 };
    case 'waiting':
    case 'running':
      return underWay(run.state, steps, because);
  }
}

function underWay(state: 'waiting' | 'running', steps: readonly NamedStep[], because: string): Verdict {
  const asks = steps.filter(([, step]) => waitsForPerson(step)).map(([name]) => name);
  if (asks.length > 0)
    return {
      word: 'waits for somebody',
      tone: 'warn',
      text: `${names(asks)} ${asks.length === 1 ? 'waits' : 'wait'} for an answer.`,
      rank: 0,
    };
  const failed = steps.filter(([, step]) => step.state === 'failed').map(([name]) => name);
  if (failed.length > 0)
    return {
      word: 'has failed steps',
      tone: 'bad',
      text: `${names(failed)} failed; the rest goes on${because}.`,
      rank: 1,
    };
  const runs = steps.filter(([, step]) => step.state === 'running');
  if (runs.length > 0)
    return {
      word: state,
      tone: 'info',
      text: `${names(runs.map(said))} ${runs.length === 1 ? 'runs' : 'run'}. ${over(steps)}.`,
      rank: 2,
    };
  const [first] = steps.filter(([, step]) => !isOver(step) && step.waitsFor !== undefined);
  const waits = first?.[1].waitsFor;
  const text =
    first === undefined || waits === undefined
      ? 'Nothing of it runs at the moment.'
      : `${first[0]} ${waitsText(waits)}.`;
  return { word: state, tone: 'mute', text, rank: 3 };
}

const said = ([name, step]: NamedStep): string => {
  const progress = progressText(step);
  return progress === '' ? name : `${name} (${progress})`;
};

const names = (of: readonly string[]): string =>
  of.length <= 3 ? of.join(', ') : `${of.slice(0, 3).join(', ')} and ${of.length - 3} more`;

function over(steps: readonly NamedStep[]): string {
  return `${steps.filter(([, step]) => isOver(step)).length} of ${counted(steps.length, 'step')} have ended`;
}

function failedText(steps: readonly NamedStep[], because: string): string {
  const failed = steps.filter(([, step]) => step.state === 'failed').map(([name]) => name);
  if (failed.length === 0) return `It failed${because}.`;
  // The leader names the first one that failed; that is said already.
  const more = failed.some((name) => because === `: step ${name} failed`) ? '' : because;
  return `${names(failed)} failed${more}. A retry runs what failed, and what depends on it, once more.`;
}

/** Why a run cannot be acted on in this way; null: it can. */
export function whyNot(action: 'cancel' | 'retry', { state }: Pick<RunView, 'state'>): string | null {
  if (action === 'cancel') return isOver({ state }) ? `the run has ended: ${state}` : null;
  return isOver({ state }) ? null : 'only a run that has ended is retried';
}

/** The steps that an answer may let begin: those with an edge from it. */
export function followersOf(plan: Pick<Plan, 'steps'>, step: string, answer: string): string[] {
  const isMet = (edge: Edge): boolean =>
    edge.step === step && ('is' in edge ? edge.is === answer : edge.on !== 'failed');
  return Object.entries(plan.steps).flatMap(([name, { after }]) => ([...edgesOf(after)].some(isMet) ? [name] : []));
}
