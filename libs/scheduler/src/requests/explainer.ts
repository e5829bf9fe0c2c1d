import type { TaskName } from '@drover/planner';
import type { WhyRecord } from '@drover/protocol';
import type { QueuesWatcher } from '../facts/queues-watcher.js';
import type { Flows } from '../flows/flows.js';
import type { TermContext } from '../term/term-context.js';
import { whyOf } from './why.decide.js';

/** Why a task is not running, or a run has not ended, with sentences; null: there is no such one. */
export type TermExplainer = (task: TaskName) => WhyRecord | null;

/** Asks the planner, and adds who paused the queue; asks the flows about runs. */
export function explainer(
  context: TermContext,
  queues: Pick<QueuesWatcher, 'get'>,
  flows: Pick<Flows, 'whyRun' | 'whyItem'>,
): TermExplainer {
  return (task) => {
    const now = context.clock.now();
    const explanation = context.planner.explain(task, now);
    if (explanation === null) return flows.whyRun({ flow: task.batch, run: task.index });
    const paused = explanation.reasons.find((reason) => reason.code === 'queue-paused');
    const pausedBy = paused === undefined ? undefined : queues.get(paused.queue)?.pausedBy;
    const why = whyOf(explanation, pausedBy ?? null, now);
    const reasons = why.reasons.map((reason) =>
      reason.code === 'waiting-step' ? (flows.whyItem(task) ?? reason) : reason,
    );
    return { ...why, reasons };
  };
}
