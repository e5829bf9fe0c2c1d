import { touches, type Fault } from '../faults.js';
import type { Effect } from '../history.js';
import { acknowledgedAt, startsOf, type TaskHistory } from '../task-history.js';
import { inMs, type Finding, type Run, type TaskRule } from './rule.js';
import { isExplained } from './starts-explained.js';

/** The whole wait counts, so it is for a load that the workers keep up with. */
export const rollingDeploy: TaskRule = {
  name: 'orderly deploys cost nothing',
  says: 'while only orderly stops are underway, no task runs twice and none waits longer than the bound',
  needs: ['faults'],
  nothing: 'no task was underway during an orderly stop without other faults',
  judge(task, run) {
    const starts = startsOf(task);
    const [first] = starts;
    if (first === undefined) return 'unconcerned';
    const judged = [judgeWait(task, first, run), ...pairs(starts).map(([a, b]) => judgeSecond(task, a, b, run))];
    const finding = judged.find((found) => typeof found === 'object');
    return finding ?? (judged.includes('held') || isUnderway(task, run) ? 'held' : 'unconcerned');
  },
};

function judgeWait(task: TaskHistory, first: Effect, run: Run): Finding | 'held' | 'unconcerned' {
  const dueAt = dueAtOf(task);
  if (dueAt === undefined || !isDeploysOwn(dueAt, first.at, run)) return 'unconcerned';
  const { deployWaitMs, clockErrorMs } = run.settings;
  const waitedMs = first.at - dueAt;
  if (waitedMs <= deployWaitMs + clockErrorMs) return 'held';
  return {
    at: first.at,
    what: `it waited ${inMs(waitedMs)} during an orderly stop, the bound is ${inMs(deployWaitMs)}`,
  };
}

function judgeSecond(task: TaskHistory, before: Effect, next: Effect, run: Run): Finding | 'held' | 'unconcerned' {
  const [from, to] = [Math.min(before.at, next.at), Math.max(before.at, next.at)];
  if (!isDeploysOwn(from, to, run)) return 'unconcerned';
  if (isExplained(task, before, next, run)) return 'held';
  return { at: next.at, what: `attempt ${next.attempt} began during an orderly stop, after attempt ${before.attempt}` };
}

const pairs = (starts: readonly Effect[]): [Effect, Effect][] =>
  starts.slice(1).map((next, index) => [starts[index] ?? next, next]);

/** From its acknowledgement, or when its delay is over. */
function dueAtOf(task: TaskHistory): number | undefined {
  const at = acknowledgedAt(task);
  const delayMs = Math.max(0, ...task.operations.map(({ op, delayMs = 0 }) => (op === 'submit' ? delayMs : 0)));
  return at === undefined ? undefined : at + delayMs;
}

/** From when it was due to its last sign only orderly stops were underway. */
function isUnderway(task: TaskHistory, run: Run): boolean {
  const [first, last] = [task.effects[0], task.effects.at(-1)];
  if (first === undefined || last === undefined) return false;
  return isDeploysOwn(Math.min(dueAtOf(task) ?? first.at, first.at), last.at, run);
}

/** An orderly stop was underway at some moment of it, and no other fault, nor the backlog of one. */
function isDeploysOwn(from: number, to: number, { faults, settings }: Run): boolean {
  const backlogMs = settings.sessionTimeoutMs + settings.recoveryMs;
  const isTouched = (fault: Fault) => touches(fault, from, to, fault.orderly ? 0 : backlogMs);
  return faults.some((fault) => fault.orderly && isTouched(fault)) && !faults.some((f) => !f.orderly && isTouched(f));
}
