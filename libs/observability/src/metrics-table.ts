/** Buckets from the time of a fast write on one server to that of a handler of a minute. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** The same, on to the hour that a task may wait. */
export const LONG_SECONDS_BUCKETS: readonly number[] = [...SECONDS_BUCKETS, 300, 900, 3_600];

/** Every metric that Drover keeps, in Prometheus' words. The docs and the types are drawn from this table. */
export const METRICS = {
  drover_build_info: {
    kind: 'gauge',
    roles: ['scheduler', 'worker'],
    labels: ['version', 'role', 'node', 'name'],
    help: 'Always 1; the labels describe the process',
  },
  drover_leader: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    help: '1 while this scheduler is the leader, else 0',
  },
  drover_leader_since_timestamp_seconds: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    sampled: true,
    help: 'When the term of this leader began; absent while it does not lead',
  },
  drover_epoch: { kind: 'gauge', roles: ['scheduler'], labels: [], help: 'Epoch of the latest term of this scheduler' },
  drover_takeovers_total: { kind: 'counter', roles: ['scheduler'], labels: [], help: 'Terms begun by this scheduler' },
  drover_takeover_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: [],
    help: 'Time from winning the election to the first plan',
  },
  drover_leaderless_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: [],
    help: 'Time that a follower saw no leader',
  },
  drover_fenced_writes_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: [],
    help: 'Writes of this scheduler that ZooKeeper rejected because it had been deposed',
  },
  drover_plan_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: [],
    help: 'Duration of one run of the planner',
  },
  drover_transaction_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: ['role'],
    help: 'Duration of one ZooKeeper transaction, from sent to answered',
  },
  drover_transaction_operations: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: ['role'],
    help: 'Number of operations of one ZooKeeper transaction',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
  },
  drover_tasks: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['state'],
    sampled: true,
    help: 'Number of tasks by state (out: assigned to workers), known to the leader only',
  },
  drover_workers: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['state'],
    sampled: true,
    help: 'Number of workers by state, known to the leader only',
  },
  drover_worker_slots: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['state'],
    sampled: true,
    help: 'Places of all workers that take tasks, busy and free, known to the leader only',
  },
  drover_queue_tasks: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['queue', 'state'],
    sampled: true,
    help: 'Unfinished tasks of a queue: scheduled, pending, out, retrying; known to the leader only',
  },
  drover_queue_oldest_pending_age_seconds: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['queue'],
    sampled: true,
    help: 'How long the task has waited that has waited longest in the queue; 0: none waits; known to the leader only',
  },
  drover_queue_wait_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: ['queue'],
    sampled: true,
    buckets: LONG_SECONDS_BUCKETS,
    help: 'Time from when a task was due, or came back, until it was handed out; the first ten queues, others as _other',
  },
  drover_task_latency_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: ['queue', 'state'],
    sampled: true,
    buckets: LONG_SECONDS_BUCKETS,
    help: 'Time from the submit of a task until its end; the first ten queues, others as _other',
  },
  drover_queue_paused: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['queue'],
    sampled: true,
    help: '1 while the queue is paused, else 0; known to the leader only',
  },
  drover_queue_max_out: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['queue'],
    sampled: true,
    help: 'The limit of tasks of the queue that are out (maxRunning); absent: none',
  },
  drover_unserved_tasks: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: ['type'],
    sampled: true,
    help: 'Pending tasks of a type that no worker offers, known to the leader only',
  },
  drover_accepted_tasks_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['queue'],
    sampled: true,
    help: 'Tasks submitted in this term, as the leader read them',
  },
  drover_assigned_tasks_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['queue'],
    sampled: true,
    help: 'Attempts assigned to workers in this term',
  },
  drover_ended_attempts_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['queue', 'outcome'],
    sampled: true,
    help: 'Attempts that ended in this term, by outcome',
  },
  drover_intake_open: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    sampled: true,
    help: '1 while tasks are accepted, 0 while they are refused; known to the leader only',
  },
  drover_unfinished_bytes: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    sampled: true,
    help: 'Bytes of the payloads of unfinished batches, known to the leader only',
  },
  drover_writer_backlog_operations: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    sampled: true,
    help: 'Writes of the leader that wait to be sent to ZooKeeper',
  },
  drover_zookeeper_request_seconds: {
    kind: 'histogram',
    roles: ['scheduler', 'worker', 'client'],
    labels: ['op'],
    sampled: true,
    help: 'Time from a request to ZooKeeper until its answer: read, write',
  },
  drover_zookeeper_connected: {
    kind: 'gauge',
    roles: ['scheduler', 'worker', 'client'],
    labels: [],
    sampled: true,
    help: '1 while the session is connected, else 0',
  },
  drover_zookeeper_lease_seconds: {
    kind: 'gauge',
    roles: ['scheduler', 'worker', 'client'],
    labels: [],
    sampled: true,
    help: 'How long ZooKeeper surely keeps the session from now on; 0: unknown',
  },
  drover_fires_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['outcome'],
    help: 'Times of schedules that were decided: fired, skipped, missed, excluded, backfilled',
  },
  drover_missed_fires_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: [],
    help: 'Times of schedules that were missed; the event schedule.missed names the schedule',
  },
  drover_fire_lateness_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: [],
    help: 'Time from when a fire was due until its task was durable',
  },
  drover_finished_tasks_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['queue', 'state'],
    sampled: true,
    help: 'Tasks that reached a final state in this term',
  },
  drover_revoked_assignments_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['reason'],
    help: 'Assignments that the leader revoked',
  },
  drover_recalled_tasks_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: [],
    help: 'Tasks of assignments whose workers were asked to hand back what they have not begun',
  },
  drover_removed_tasks_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: [],
    help: 'Finished tasks removed by retention',
  },
  drover_commands_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['kind', 'ok'],
    help: 'Commands that the leader answered',
  },
  drover_worker_running: {
    kind: 'gauge',
    roles: ['worker'],
    labels: [],
    help: 'Number of tasks that this worker runs now',
  },
  drover_worker_capacity: {
    kind: 'gauge',
    roles: ['worker'],
    labels: [],
    help: 'Number of tasks that this worker can run at the same time',
  },
  drover_handler_seconds: {
    kind: 'histogram',
    roles: ['worker'],
    labels: ['type', 'outcome'],
    help: 'Duration of handler calls',
  },
  drover_report_seconds: {
    kind: 'histogram',
    roles: ['worker'],
    labels: [],
    help: 'Time from the end of a task until ZooKeeper accepted its report; of a report, its task that ended first',
  },
  drover_run_log_lines_total: {
    kind: 'counter',
    roles: ['worker'],
    labels: [],
    help: 'Lines that tasks logged or printed',
  },
  drover_run_log_dropped_total: {
    kind: 'counter',
    roles: ['worker'],
    labels: [],
    help: 'Lines of tasks that were dropped because they came faster than this worker could take them',
  },
  drover_dropped_results_total: {
    kind: 'counter',
    roles: ['worker'],
    labels: [],
    help: 'Results dropped because their assignment had been revoked',
  },
  drover_handler_threads_replaced_total: {
    kind: 'counter',
    roles: ['worker'],
    labels: ['kind'],
    help: 'Handler threads that ended and were replaced',
  },
  drover_http_blocked_total: {
    kind: 'counter',
    roles: ['worker'],
    labels: ['reason'],
    help: 'Requests of http tasks that this worker refused to send: address, port, redirect',
  },
  drover_submitted_tasks_total: {
    kind: 'counter',
    roles: ['client'],
    labels: [],
    help: 'Tasks whose submit was acknowledged',
  },
  drover_unwritten_tasks: {
    kind: 'gauge',
    roles: ['client'],
    labels: [],
    sampled: true,
    help: 'Tasks of submit that are not written yet',
  },
  drover_refused_tasks_total: {
    kind: 'counter',
    roles: ['client'],
    labels: ['reason'],
    help: 'Tasks that were refused at submit: intake-closed, queue-full, or unwritten, too many of this client are not written yet',
  },
  drover_submit_seconds: {
    kind: 'histogram',
    roles: ['client'],
    labels: [],
    help: 'Duration of writing one batch, until it is acknowledged',
  },
  drover_session_changes_total: {
    kind: 'counter',
    roles: ['scheduler', 'worker', 'client'],
    labels: ['state'],
    help: 'Changes of the ZooKeeper session, by its new state',
  },
  drover_api_requests_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['route', 'method', 'code'],
    help: 'Requests to the API, by the name of their route, method and status',
  },
  drover_api_request_seconds: {
    kind: 'histogram',
    roles: ['scheduler'],
    labels: ['route'],
    help: 'Time to answer a request to the API; streams are left out',
  },
  drover_api_streams: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    help: 'Streams of events that are open at this replica',
  },
  drover_api_waits: {
    kind: 'gauge',
    roles: ['scheduler'],
    labels: [],
    help: 'Requests to this replica that wait for a change or a result',
  },
  drover_api_stream_ends_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['reason'],
    help: 'Streams of events that ended: gone, stopping, revoked, overflow, age',
  },
  drover_api_denied_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['code'],
    help: 'Requests to the API that were refused for who asked, or from where, by the code of the error',
  },
  drover_audit_events_total: {
    kind: 'counter',
    roles: ['scheduler'],
    labels: ['ok'],
    help: 'Audit events written: what was done (ok=true) and what was refused or failed',
  },
  drover_invalid_records_total: {
    kind: 'counter',
    roles: ['scheduler', 'worker'],
    labels: [],
    help: 'Records that were skipped because they are invalid',
  },
} as const satisfies Record<string, MetricDefinition>;

/** The kinds of processes that keep metrics. */
export type MetricRole = 'scheduler' | 'worker' | 'client';

export interface MetricDefinition {
  kind: 'counter' | 'gauge' | 'histogram';
  /** The processes that keep it. */
  roles: readonly MetricRole[];
  labels: readonly string[];
  help: string;
  /** Upper bounds; default: `SECONDS_BUCKETS`. */
  buckets?: readonly number[];
  /** Nobody counts it: its values are looked up when somebody scrapes. */
  sampled?: true;
}
