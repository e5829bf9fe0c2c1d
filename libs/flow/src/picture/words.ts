import { innerOf, partsOf, type Part } from '../edges.js';
import type { After, Edge, Plan, Step } from '../plan.js';

/** A step and its edges, in words for people. */

/** `list`, `parse ended`, `check is odd`. */
export function edgeText(edge: Edge): string {
  if ('is' in edge) return `${edge.step} is ${edge.is}`;
  const { step, on = 'succeeded', must } = edge;
  const how = on === 'succeeded' ? '' : ` ${on}`;
  return `${step}${how}${must === true ? ' (not skipped)' : ''}`;
}

/** `list, parse ended`, `any of check is ok, publish? is yes`; empty: the step begins with the run. */
export function afterText(after: After | undefined): string {
  if (after === undefined) return '';
  const parts = partsOf(after).map(partText);
  return 'any' in after && parts.length > 1 ? `any of ${parts.join(', ')}` : parts.join(', ');
}

function partText(part: Part): string {
  if ('step' in part) return edgeText(part);
  const inner = innerOf(part).map(edgeText);
  if (inner.length === 1) return inner[0] ?? '';
  return `(${'any' in part ? 'any of ' : ''}${inner.join(', ')})`;
}

/** `count-words for each item of list`, `yes or no within 2d`. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case 'task':
      return step.labels === undefined ? step.type : `${step.type}, ends as ${step.labels.join(' or ')}`;
    case 'map':
      return [`${step.type} for each item${itemsText(step.items)}`, ...mapNotes(step)].join(', ');
    case 'reduce':
      return `${step.type} over ${step.over}, ${step.arity} at a time`;
    case 'sleep':
      return spanText(step.ms);
    case 'until':
      return typeof step.at === 'number' ? new Date(step.at).toISOString() : ['input', ...step.at.given].join('.');
    case 'signal':
      return signalText(step);
    case 'flow':
      return step.of.length === 0 ? 'begin of a sub-flow' : `end of a sub-flow of ${step.of.length} steps`;
  }
}

type OfKind<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

function itemsText(items: OfKind<'map'>['items']): string {
  if ('step' in items) return ` of ${items.step}`;
  return 'given' in items ? ' given at the start' : ' added until it is closed';
}

function mapNotes({ tolerate, concurrency }: OfKind<'map'>): string[] {
  return [
    ...(concurrency === undefined ? [] : [`${concurrency} at a time`]),
    ...(tolerate === undefined ? [] : [`${'items' in tolerate ? tolerate.items : `${tolerate.percent}%`} may fail`]),
  ];
}

function signalText({ answers, timeoutMs, onTimeout }: OfKind<'signal'>): string {
  const what = answers === undefined ? 'a signal' : answers.join(' or ');
  if (timeoutMs === undefined) return what;
  return `${what} within ${spanText(timeoutMs)}, then ${onTimeout ?? 'it fails'}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `2d`, `90m`, `1500ms`: the largest unit of which it is a whole number. */
export function spanText(ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}

/** The options of a whole plan: `deadline 6h`, `2 runs at a time`. */
export function planNotes({ deadlineMs, maxRuns, onFailure }: Plan): string[] {
  return [
    ...(deadlineMs === undefined ? [] : [`deadline ${spanText(deadlineMs)}`]),
    ...(maxRuns === undefined ? [] : [`${maxRuns} ${maxRuns === 1 ? 'run' : 'runs'} at a time`]),
    ...(onFailure === undefined || onFailure === 'continue' ? [] : [`a failure means ${onFailure}`]),
  ];
}
