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
      return `worker ${reason.worker} has had it for ${secondsOf(now - reason.since)}, as attempt ${reason.attempt}`;
    case 'not-due':
      return reason.cause === 'delay'
        ? `its delay ends in ${secondsOf(reason.dueAt - now)}`
        : `attempt ${reason.failures} failed; the next one is due in ${secondsOf(reason.dueAt - now)}`;
    case 'queue-paused':
      return `queue ${reason.queue} is paused${pausedText(pausedBy)}`;
    case 'queue-limit':
      return `queue ${reason.queue} is at its limit: ${reason.out} of ${counted(reason.limit, 'task')} are out`;
    case 'no-worker':
      return 'no worker is registered';
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
    case 'type-on-trial':
      return `${counted(reason.workers, 'worker')} try the type ${reason.type}, of which nobody knows yet how long it takes`;
    case 'held-back':
      return `${counted(reason.workers, 'worker')} have room, which the assignment strategy keeps for others until the next plan`;
    case 'behind-priority':
      return `${counted(reason.pending, 'pending task')} of a higher priority go first, such as those of queue ${reason.queue}`;
    case 'in-line':
      return `nothing stands in its way: it waits for its turn in queue ${reason.queue}`;
    case 'leader-reading':
      return 'the leader has just taken over and still reads the tasks that there are';
  }
}

function pausedText(pausedBy: ChangeRecord | null): string {
  const by = pausedBy?.by === undefined ? '' : ` by ${pausedBy.by}`;
  return pausedBy?.reason === undefined ? by : `${by}: ${pausedBy.reason}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const secondsOf = (ms: number): string => `${Math.max(0, ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
