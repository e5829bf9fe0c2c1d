import type { Effect } from '../history.js';
import { isHeldBack } from '../subjects.js';
import { startsOf, type TaskHistory } from '../task-history.js';
import { dueAtOf, faultIn, orderlyIn, waitOf, type Wait } from '../waits.js';
import { inMs, type Finding, type Run, type TaskRule } from './rule.js';
import { isExplained } from './starts-explained.js';

/** A task's wait because of a deploy is the time by which it waits longer than the longest wait without a deploy. */
export const rollingDeploy: TaskRule = {
  name: 'orderly deploys cost nothing',
  says: 'while only orderly stops are underway, no task runs twice and none waits longer because of them than the bound',
  needs: ['faults'],
  nothing: 'no task was underway during an orderly stop without other faults',
  judge(task, run) {
    const starts = startsOf(task);
    const [first] = starts;
    if (first === undefined) return 'unconcerned';
    const judged = [
      judgeWait(task, run),
      ...pairs(starts).map(([before, next]) => judgeSecond(task, before, next, run)),
    ];
    const finding = judged.find((found) => typeof found === 'object');
    return finding ?? (judged.includes('held') || isUnderway(task, first, run) ? 'held' : 'unconcerned');
  },
};

function judgeWait(task: TaskHistory, run: Run): Finding | 'held' | 'unconcerned' {
  const wait = waitOf(task);
  if (wait === undefined || isHeldBack(task) || !isDeploysOwn(wait, run)) return 'unconcerned';
  const { deployWaitMs, clockErrorMs } = run.settings;
  const waitedMs = wait.to - wait.from;
  if (waitedMs <= run.calmWaitMs + deployWaitMs + clockErrorMs) return 'held';
  const what = `it waited ${inMs(waitedMs)} during an orderly stop; without one none waits longer than ${inMs(run.calmWaitMs)}`;
  return { at: wait.to, what };
}

function judgeSecond(task: TaskHistory, before: Effect, next: Effect, run: Run): Finding | 'held' | 'unconcerned' {
  const between = { from: Math.min(before.at, next.at), to: Math.max(before.at, next.at) };
  if (!isDeploysOwn(between, run)) return 'unconcerned';
  if (isExplained(task, before, next, run)) return 'held';
  return { at: next.at, what: `attempt ${next.attempt} began during an orderly stop, after attempt ${before.attempt}` };
}

const pairs = (starts: readonly Effect[]): [Effect, Effect][] =>
  starts.slice(1).map((next, index) => [starts[index] ?? next, next]);

/** Whether only orderly stops were under way from the time at which the task was due to its last effect. */
function isUnderway(task: TaskHistory, first: Effect, run: Run): boolean {
  const from = Math.min(dueAtOf(task) ?? first.at, first.at);
  return isDeploysOwn({ from, to: task.effects.at(-1)?.at ?? first.at }, run);
}

const isDeploysOwn = (span: Wait, run: Run): boolean => orderlyIn(span, run) && !faultIn(span, run);
