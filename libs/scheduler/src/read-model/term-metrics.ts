import type { Samples } from '@drover/observability';
import type { QueueCounts } from '@drover/planner';
import { OTHER_QUEUES, type QueueFlow } from './flow-book.js';
import { grouped, MOST_NAMES } from './grouped.js';
import { sampleResources } from './resource-metrics.js';
import type { TermView } from './term-view.js';

/** Queues that are looked at for them. */
const MOST_LOOKED_AT = 10_000;

/** The metrics of a term, as of now: those that only the leader has. While nobody leads they are absent. */
export function sampleTerm(view: TermView, samples: Samples): void {
  const { planner, flow, backlog } = view;
  flow.forgetOld((name) => planner.queueCounts([name], 1).length > 0);
  samples.number('drover_leader_since_timestamp_seconds', {}, view.since / 1_000);
  if (view.isWhole()) {
    for (const [state, count] of Object.entries(planner.tally()))
      samples.number('drover_tasks', { state }, count as number);
    samples.number('drover_intake_open', {}, view.intake().open ? 1 : 0);
  }
  for (const [state, count] of Object.entries(view.workers())) samples.number('drover_workers', { state }, count);
  const { slots, busy } = planner.slots();
  samples.number('drover_worker_slots', { state: 'busy' }, busy);
  samples.number('drover_worker_slots', { state: 'free' }, Math.max(0, slots - busy));
  samples.number('drover_unfinished_bytes', {}, planner.load().bytes);
  samples.number('drover_writer_backlog_operations', {}, backlog());
  for (const { type, pending } of planner.unserved(MOST_NAMES))
    samples.number('drover_unserved_tasks', { type }, pending);
  for (const { pool, wanted, remove } of view.scale()) {
    samples.number('drover_workers_wanted', { pool }, wanted);
    samples.number('drover_workers_drained', { pool }, remove.length);
  }
  sampleQueues(view, samples);
  sampleRuns(view, samples);
  sampleResources(view, samples);
  sampleFlow(flow.queues, samples);
  for (const [account, wait] of flow.waits) samples.histogram('drover_wait_seconds', { account }, wait);
  for (const { name: queue, wait, latency } of flow.times()) {
    samples.histogram('drover_queue_wait_seconds', { queue }, wait);
    for (const [state, times] of Object.entries(latency))
      if (times.count > 0) samples.histogram('drover_task_latency_seconds', { queue, state }, times);
  }
}

/** The busiest by name, and all others as one. */
function sampleQueues({ planner, now }: TermView, samples: Samples): void {
  const counts = planner.queueCounts(null, MOST_LOOKED_AT);
  for (const [queue, some] of grouped(counts.map((each) => [each.name, each] as const))) {
    const sum = (of: (each: QueueCounts) => number): number => some.reduce((total, each) => total + of(each), 0);
    for (const state of ['scheduled', 'pending', 'out', 'retrying'] as const)
      samples.number(
        'drover_queue_tasks',
        { queue, state },
        sum((each) => each[state]),
      );
    const ages = some.map(({ oldestDueAt }) => (oldestDueAt === null ? 0 : Math.max(0, now() - oldestDueAt)));
    samples.number('drover_queue_oldest_pending_age_seconds', { queue }, Math.max(...ages) / 1_000);
    if (queue === OTHER_QUEUES) continue;
    const [settings] = some.map((each) => each.settings);
    samples.number('drover_queue_paused', { queue }, settings?.paused === true ? 1 : 0);
    const most = settings?.maxRunning ?? null;
    if (most !== null) samples.number('drover_queue_max_out', { queue }, most);
  }
}

/** By the name of their flow. */
function sampleRuns({ flows }: TermView, samples: Samples): void {
  for (const [flow, some] of grouped(flows()?.counts() ?? []))
    for (const state of ['waiting', 'running', 'succeeded', 'failed', 'cancelled'] as const)
      samples.number(
        'drover_flow_runs',
        { flow, state },
        some.reduce((total, { counts }) => total + counts[state], 0),
      );
}

function sampleFlow(queues: ReadonlyMap<string, QueueFlow>, samples: Samples): void {
  for (const [queue, some] of grouped(queues)) {
    const sum = (of: (flow: QueueFlow) => number): number => some.reduce((total, flow) => total + of(flow), 0);
    samples.number(
      'drover_accepted_tasks_total',
      { queue },
      sum(({ submitted }) => submitted),
    );
    samples.number(
      'drover_assigned_tasks_total',
      { queue },
      sum(({ assigned }) => assigned),
    );
    for (const state of ['succeeded', 'failed', 'cancelled'] as const) {
      const ended = sum((flow) => flow[state]);
      if (ended > 0) samples.number('drover_finished_tasks_total', { queue, state }, ended);
    }
    const outcomes = new Set(some.flatMap(({ attempts }) => [...attempts.keys()]));
    for (const outcome of outcomes)
      samples.number(
        'drover_ended_attempts_total',
        { queue, outcome },
        sum((flow) => flow.attempts.get(outcome) ?? 0),
      );
  }
}
