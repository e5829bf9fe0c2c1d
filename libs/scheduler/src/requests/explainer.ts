import type { TaskName } from '@drover/planner';
import type { WhyRecord } from '@drover/protocol';
import type { QueuesWatcher } from '../facts/queues-watcher.js';
import type { TermContext } from '../term/term-context.js';
import { whyOf } from './why.decide.js';

/** Why a task is not running, with sentences; null: there is no such task. */
export type TermExplainer = (task: TaskName) => WhyRecord | null;

/** Asks the planner, and adds who paused the queue. */
export function explainer(context: TermContext, queues: Pick<QueuesWatcher, 'get'>): TermExplainer {
  return (task) => {
    const now = context.clock.now();
    const explanation = context.planner.explain(task, now);
    if (explanation === null) return null;
    const paused = explanation.reasons.find((reason) => reason.code === 'queue-paused');
    const pausedBy = paused === undefined ? undefined : queues.get(paused.queue)?.pausedBy;
    return whyOf(explanation, pausedBy ?? null, now);
  };
}
