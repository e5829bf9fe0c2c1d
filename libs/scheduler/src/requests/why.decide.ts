import { byWhom, formatAmount } from '@drover/core';
import type { Explanation, Reason } from '@drover/planner';
import type { ChangeRecord, WhyRecord } from '@drover/protocol';

/**
 * Pure. The answer to `why`: each reason of the planner with a sentence, so that an older client can show the reasons of
 * a newer leader. `pausedBy`: who paused the task's queue; `now`: milliseconds since 1970, by ZooKeeper's clock.
 */
export function whyOf(
  { state, reasons, line, workers }: Explanation,
  pausedBy: ChangeRecord | null,
  now: number,
): WhyRecord {
  return {
    state,
    reasons: reasons.map((reason) => ({ ...withPauser(reason, pausedBy), text: textOf(reason, pausedBy, now) })),
    line: line === null ? null : { ...line },
    workers: workers === null ? null : { ...workers },
    asOf: now,
  };
}

function withPauser(reason: Reason, pausedBy: ChangeRecord | null): Reason | (Reason & { pausedBy: ChangeRecord }) {
  return reason.code === 'queue-paused' && pausedBy !== null ? { ...reason, pausedBy } : reason;
}

function textOf(reason: Reason, pausedBy: ChangeRecord | null, now: number): string {
  switch (reason.code) {
    case 'task-ended':
      return `the task has ended: ${reason.state}`;
    case 'handed-out':
      return `worker ${reason.worker} has had it for ${secondsOf(now - reason.since)}, as attempt ${reason.attempt}${usually(reason)}`;
    case 'not-due':
      return notDueText(reason, now);
    case 'waiting-fire':
      return `it waits for ${reason.behind}`;
    case 'waiting-step':
      return 'it is an item of a map that has not begun';
    case 'waiting-task': {
      const { left, of, next } = reason;
      if (of === 1) return `it waits for task ${next ?? ''}, which it is to run after`;
      const which = next === null ? '' : `, ${left === 1 ? 'which is' : 'such as'} ${next}`;
      return `it waits for ${left} of the ${counted(of, 'task')} that it is to run after${which}`;
    }
    case 'queue-paused':
      return `queue ${reason.queue} is paused${byWhom(pausedBy)}`;
    case 'queue-limit':
      return `queue ${reason.queue} is at its limit of ${reason.limit}: ${counted(reason.out, 'task')} out`;
    case 'no-worker':
      return 'no worker is registered';
    case 'worker-gone': {
      const what = reason.isThere ? 'may not be given it' : 'is not there';
      const left = reason.until - now;
      return `it is for worker ${reason.worker} alone, which ${what}; ${left > 0 ? `the leader ends it in ${secondsOf(left)}` : 'its time is over'}`;
    }
    case 'type-unserved':
      return `none of ${counted(reason.workers, 'worker')} offers the type ${reason.type}`;
    case 'not-understood':
      return `no worker that offers the type ${reason.type} understands what the task needs, ${reason.features.join(', ')} (${reason.workers})`;
    case 'all-draining':
      return `every worker that offers the type ${reason.type} drains or has no capacity (${reason.workers})`;
    case 'suspect':
      return `${counted(reason.losses, 'worker')} died while it ran (${reason.most} end it): it runs only beside other such tasks`;
    case 'all-full':
      return `every worker that offers the type ${reason.type} has as much as it takes (${reason.workers})`;
    case 'type-limit':
      return `every worker that has room has as many of the type ${reason.type} as it runs at a time (${reason.workers})`;
    case 'type-on-trial':
      return `the type ${reason.type} is on trial at ${counted(reason.workers, 'worker')}: nobody knows yet how long its tasks take`;
    case 'held-back':
      return `the assignment strategy keeps the room of ${counted(reason.workers, 'worker')} for other tasks until the next plan`;
    case 'tenant-limit':
      return `${tenantOf(reason)} is at the limit of ${reason.limit} that queue ${reason.queue} has for each tenant: ${counted(reason.out, 'task')} out`;
    case 'behind-priority':
      return reason.of === 'queues'
        ? `queues of a higher priority go first, such as ${reason.queue}, with ${counted(reason.pending, 'pending task')}`
        : `${counted(reason.pending, 'task')} of a higher priority than ${reason.priority} (up to ${reason.highest}) ${reason.pending === 1 ? 'goes' : 'go'} first${untilOf(reason.firstAt, now)}`;
    case 'tenant-turn':
      return `it is the turn of ${counted(reason.tenants, 'other tenant')} of queue ${reason.queue}, with ${counted(reason.pending, 'pending task')}: ${tenantOf(reason)} (weight ${reason.weight}) has had more for its weight`;
    case 'unplaceable':
      return `no worker could take it, even an empty one: it needs ${reason.needs}`;
    case 'waiting-place': {
      const how = reason.until === null ? 'for as long as it takes' : `for ${secondsOf(reason.until - now)} more`;
      return `workers have room, and it waits ${how} for one that is nearer to it, or to which its key sticks`;
    }
    case 'parked': {
      const lack = reason.blockedBy === '' ? 'room' : reason.blockedBy;
      return `it needs ${reason.needs}: of ${counted(reason.workers, 'worker')} that could take it none has enough ${lack} free; ${reason.oneMore} would take it`;
    }
    case 'in-line':
      return `nothing stands in its way: it waits for its turn in queue ${reason.queue}`;
    case 'unique-key': {
      const { key, mode, holder, until } = reason;
      const which = `its unique key '${key}' (${mode}) holds it back`;
      if (holder !== null) return `${which}: task ${holder} has begun and not ended`;
      return until === null ? which : `${which} for ${secondsOf(until - now)}`;
    }
    case 'limit':
      return `limit ${limitOf(reason)} allows ${counted(reason.most, 'task')} at a time: ${reason.out} out`;
    case 'rate-limit':
      return reason.isHeld
        ? `limit ${limitOf(reason)} is held ${forHowLong(reason.until - now)}`
        : `limit ${limitOf(reason)} has used up its rate: the next start is in ${secondsOf(reason.until - now)} at the earliest`;
    case 'over-limit':
      return `account ${reason.account} is at its limit of ${amountOf(reason, reason.limit)}: it has ${amountOf(reason, reason.claimed)}, and a task needs ${amountOf(reason, reason.need)}`;
    case 'floating':
      return `of ${reason.resource} there is ${shortOf(reason, reason.total)} in all: ${shortOf(reason, reason.claimed)} is held, and a task needs ${shortOf(reason, reason.need)}`;
    case 'not-lent':
      return `other accounts keep what they are guaranteed: ${amountOf(reason, Math.max(0, reason.free))} is left for account ${reason.account}, and a task needs ${amountOf(reason, reason.need)}`;
    case 'account-turn':
      return `it is the turn of ${counted(reason.accounts, 'other account')}: account ${reason.account} (weight ${reason.weight}, place ${reason.place}) holds more for its weight`;
    case 'reserved': {
      const { worker, from, isOwn } = reason;
      const when = from === null ? '' : from > now ? `, in ${secondsOf(from - now)}` : ', from now on';
      return isOwn
        ? `worker ${worker} is kept for such tasks until it has room${when}`
        : `the room of worker ${worker} is kept for tasks that have waited longer${when}`;
    }
    case 'sequence':
      return reason.isBlocked
        ? `task ${reason.behind} of its sequence '${reason.sequence}' has failed: the others wait until it is retried or cancelled`
        : `task ${reason.behind} of its sequence '${reason.sequence}' was submitted before it and has not ended`;
    case 'limit-undeclared':
      return `it names the limit ${reason.limit}, which nobody has declared: that limits nothing`;
    case 'leader-reading':
      return 'the leader has just taken over and still reads the tasks that there are';
  }
}

const usually = ({ usualMs }: { usualMs?: number }): string =>
  usualMs === undefined ? '' : `; half of the tasks of its type take ${secondsOf(usualMs)} at most`;

const CENTURY_MS = 100 * 365 * 86_400_000;
/** A limit that the leader cannot read is held without an end. */
const forHowLong = (ms: number): string =>
  ms > CENTURY_MS ? 'until somebody mends its definition, which the leader cannot read' : `for ${secondsOf(ms)}`;

const shortOf = ({ resource }: { resource: string }, amount: number): string => formatAmount(resource, amount);
const amountOf = ({ resource }: { resource: string }, amount: number): string =>
  `${resource}=${formatAmount(resource, amount)}`;

const limitOf = ({ limit, key }: { limit: string; key: string | null }): string =>
  key === null ? limit : `${limit}/${key}`;

function notDueText(reason: Extract<Reason, { code: 'not-due' }>, now: number): string {
  const dueIn = secondsOf(reason.dueAt - now);
  switch (reason.cause) {
    case 'delay':
      return `its delay ends in ${dueIn}`;
    case 'later':
      return `its handler asked to run it later: it is due in ${dueIn}`;
    case 'retry':
      return `attempt ${reason.failures} failed; the next one is due in ${dueIn}`;
  }
}

const tenantOf = ({ tenant }: { tenant: string }): string =>
  tenant === '' ? 'the tenant without a name' : `tenant ${tenant}`;

/** Within a tenant a task goes first that has waited long. */
function untilOf(firstAt: number | null, now: number): string {
  if (firstAt === null) return '';
  return firstAt > now
    ? `, until it has waited ${secondsOf(firstAt - now)} more`
    : '; it has waited so long that it is next';
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const secondsOf = (ms: number): string => `${Math.max(0, ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
