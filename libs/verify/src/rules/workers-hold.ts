import { attemptsOf, type Span } from '../attempts.js';
import { lifeOf } from '../subjects.js';
import type { SubjectRule } from './rule.js';

/** Amounts are sums of decimals. */
const ROUNDING = 1e-6;

export const workersHold: SubjectRule = {
  name: 'workers are never over-subscribed',
  says: 'the tasks that run at a worker need no more of any resource than it has, and no device has more than one',
  of: 'worker',
  needs: [],
  nothing: 'no handler wrote down what its task needs',
  judge({ name, tasks }) {
    const attempts = tasks
      .flatMap(attemptsOf)
      .filter(({ start }) => start.needs !== undefined && lifeOf(start) === name)
      .sort((a, b) => a.from - b.from);
    let open: Span[] = [];
    for (const attempt of attempts) {
      open = open.filter(({ to }) => to > attempt.from);
      open.push(attempt);
      const what = tooMuch(attempt, open) ?? tooManyAt(attempt, open);
      if (what !== undefined) return { at: attempt.from, what, tasks: open.map(({ task }) => task) };
    }
    return 'held';
  },
};

/** `undefined`: all that run with it have room, in each resource that it needs. */
function tooMuch({ start }: Span, open: readonly Span[]): string | undefined {
  for (const [resource, own] of Object.entries(start.needs ?? {})) {
    if (own === 0) continue;
    const needed = open.reduce((sum, one) => sum + (one.start.needs?.[resource] ?? 0), 0);
    const most = start.has?.[resource] ?? 0;
    if (needed > most + ROUNDING) return `${open.length} tasks need ${resource}=${needed} together, it has ${most}`;
  }
  return undefined;
}

/** `undefined`: each has the devices that it needs, and no device is needed more than once. */
function tooManyAt({ start }: Span, open: readonly Span[]): string | undefined {
  for (const [resource, names] of Object.entries(start.devices ?? {})) {
    const needs = start.needs?.[resource] ?? 0;
    const count = Math.max(1, needs);
    if (new Set(names).size !== names.length || names.length !== count)
      return `a task that needs ${resource}=${needs} has the devices ${names.join(', ')}`;
    for (const device of names) {
      const those = open.filter((one) => one.start.devices?.[resource]?.includes(device));
      const held = those.reduce((sum, one) => sum + Math.min(1, one.start.needs?.[resource] ?? 0), 0);
      if (held > 1 + ROUNDING) return `${those.length} tasks have ${held} of the device ${device} of ${resource}`;
    }
  }
  return undefined;
}
