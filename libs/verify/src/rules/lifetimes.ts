import { mayBeLate } from '../attempts.js';
import { touches } from '../faults.js';
import { submitOf } from '../subjects.js';
import { endsTold, startsOf, type TaskHistory } from '../task-history.js';
import { isZombie } from './attempts-grow.js';
import { inMs, type Finding, type Run, type TaskRule } from './rule.js';

/** Both times are counted from when ZooKeeper accepted the submit: not after it was acknowledged. */
export const lifetimes: TaskRule = {
  name: 'expiry and deadlines hold',
  says: 'nothing begins for the first time after it expired, nothing begins after its deadline, and its end is told in time',
  needs: [],
  nothing: 'no task that can expire, or has a deadline, was acknowledged',
  judge(task, run) {
    const { expiresMs, deadlineMs, delayMs = 0 } = submitOf(task) ?? {};
    const answered = task.operations.find(({ op, type }) => op === 'submit' && (type === 'ok' || type === 'info'))?.at;
    if (answered === undefined || (expiresMs ?? deadlineMs) === undefined) return 'unconcerned';
    const expiredAt = answered + delayMs + (expiresMs ?? Infinity);
    const overAt = answered + (deadlineMs ?? Infinity);
    return startedLate(task, expiredAt, overAt, run) ?? toldLate(task, overAt, run) ?? 'held';
  },
};

function startedLate(task: TaskHistory, expiredAt: number, overAt: number, run: Run): Finding | undefined {
  const { handOutMs, clockErrorMs } = run.settings;
  for (const [index, start] of startsOf(task).entries()) {
    // Another attempt may have begun before, and its line is lost: only the first attempt can be too late for expiry.
    const limit = Math.min(index === 0 && start.attempt === 1 ? expiredAt : Infinity, overAt);
    if (start.at <= limit + handOutMs + clockErrorMs || isExcused(start, limit, run)) continue;
    const [what, by] = limit === overAt ? ['its deadline', overAt] : ['it expired', expiredAt];
    return { at: start.at, what: `attempt ${start.attempt} began ${inMs(start.at - by)} after ${what}` };
  }
  return undefined;
}

/** Its worker could not know. */
const isExcused = (start: TaskHistory['effects'][0], since: number, run: Run): boolean =>
  run.given.has('faults') && (isZombie(start, since, run) || mayBeLate({ worker: start.worker, from: start.at }, run));

/** Only where somebody was asking all the time, and nothing was done to the system. */
function toldLate(task: TaskHistory, overAt: number, { settings, faults, given }: Run): Finding | undefined {
  const [told] = endsTold(task);
  if (told === undefined || !given.has('faults')) return undefined;
  const asked = task.operations.find(
    ({ op, type, call }) => op === 'result' && type === 'invoke' && call === told.call,
  );
  const limit = overAt + settings.endBoundMs + settings.clockErrorMs;
  if (told.at <= limit || asked === undefined || asked.at > overAt) return undefined;
  const felt = settings.sessionTimeoutMs + settings.recoveryMs;
  if (faults.some((fault) => touches(fault, overAt, told.at, felt))) return undefined;
  return { at: told.at, what: `its end was told ${inMs(told.at - overAt)} after its deadline` };
}
