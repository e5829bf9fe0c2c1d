import { aggregate, increase, quantile, rate, series } from './promql.mjs';

const SCHEDULERS = { role: 'scheduler' };
const failed = increase('drover_finished_tasks_total', { by: ['queue'], where: { state: 'failed' }, range: '15m' });
const finished = increase('drover_finished_tasks_total', { by: ['queue'], range: '15m' });

/**
 * The alerts. `page`: somebody is to be woken; `ticket`: within a day; `info`: to be known. `firing` and `healthy` are series
 * of a test, one value a minute, as promtool writes them.
 */
export const ALERTS = [
  {
    name: 'DroverNoLeader',
    expr: `(${aggregate('sum', [], 'drover_leader', series('drover_leader'))} or vector(0)) == 0`,
    for: '30s',
    severity: 'page',
    summary: 'No scheduler leads: nothing is handed out',
    cure: 'See whether schedulers run and reach ZooKeeper (drover status, drover doctor).',
    firing: { 'drover_leader{instance="s1"}': '0x30', 'drover_leader{instance="s2"}': '0x30' },
    healthy: { 'drover_leader{instance="s1"}': '1x30', 'drover_leader{instance="s2"}': '0x30' },
  },
  {
    name: 'DroverLeaderFlapping',
    expr: `${increase('drover_takeovers_total', { range: '10m' })} > 3`,
    severity: 'page',
    summary: 'The leader changed more than three times in ten minutes',
    cure: 'Look at term.aborted and session.expired in the logs: a slow ZooKeeper, a starved process, a full quota.',
    firing: { 'drover_takeovers_total{instance="s1"}': '0+1x30' },
    healthy: { 'drover_takeovers_total{instance="s1"}': '1x30' },
  },
  {
    name: 'DroverWaitTooLong',
    expr:
      `${aggregate('max', ['queue'], 'drover_queue_oldest_pending_age_seconds', series('drover_queue_oldest_pending_age_seconds'))} > 300 ` +
      `unless on (queue) ${aggregate('max', ['queue'], 'drover_queue_paused', series('drover_queue_paused'))} == 1`,
    for: '5m',
    severity: 'page',
    summary: 'A task of queue {{ $labels.queue }} has been due for more than five minutes',
    cure: 'drover why --queue {{ $labels.queue }} says what holds its tasks back; more workers, or a limit that is too low.',
    firing: {
      'drover_queue_oldest_pending_age_seconds{queue="mail"}': '400+60x30',
      'drover_queue_paused{queue="mail"}': '0x30',
    },
    healthy: {
      'drover_queue_oldest_pending_age_seconds{queue="mail"}': '400+60x30',
      'drover_queue_paused{queue="mail"}': '1x30',
    },
    labels: { queue: 'mail' },
  },
  {
    name: 'DroverTypeUnserved',
    expr: `${aggregate('max', ['type'], 'drover_unserved_tasks', series('drover_unserved_tasks'))} > 0`,
    for: '5m',
    severity: 'page',
    summary: 'No worker offers the type {{ $labels.type }}, and tasks of it wait',
    cure: 'Start a worker whose handlers have the type; drover workers shows what the others offer.',
    firing: { 'drover_unserved_tasks{type="resize"}': '12x30' },
    healthy: { 'drover_unserved_tasks{type="resize"}': '0x30' },
    labels: { type: 'resize' },
  },
  {
    name: 'DroverUnplaceable',
    expr: `${aggregate('max', [], 'drover_unplaceable_tasks', series('drover_unplaceable_tasks'))} > 0`,
    for: '10m',
    severity: 'ticket',
    summary: 'Tasks fit no worker that there is, even an empty one',
    cure: 'drover capacity lists them, and drover why ID says which condition excludes how many workers: start a worker that has what they need, or cancel them.',
    firing: { drover_unplaceable_tasks: '3x30' },
    healthy: { drover_unplaceable_tasks: '3x5 0x30' },
  },
  {
    name: 'DroverNoWorkers',
    expr:
      `(${aggregate('sum', [], 'drover_worker_slots', series('drover_worker_slots'))} or vector(0)) == 0 ` +
      `and on () ${aggregate('sum', [], 'drover_tasks', series('drover_tasks', { state: 'pending' }))} > 0`,
    for: '2m',
    severity: 'page',
    summary: 'There is no worker, and tasks wait',
    cure: 'Start workers, or see why they are gone (worker.left in the log of the leader).',
    firing: { 'drover_tasks{state="pending"}': '7x30' },
    healthy: { 'drover_tasks{state="pending"}': '7x30', 'drover_worker_slots{state="free"}': '8x30' },
  },
  {
    name: 'DroverFailureRatio',
    expr: `${failed} > 20 and ${failed} / ${finished} > 0.05`,
    for: '10m',
    severity: 'ticket',
    summary: 'More than one in twenty tasks of queue {{ $labels.queue }} fails for good',
    cure: 'drover dead ls --group shows by which errors; drover retry runs them again once that is mended.',
    firing: {
      'drover_finished_tasks_total{queue="mail",state="failed"}': '0+10x60',
      'drover_finished_tasks_total{queue="mail",state="succeeded"}': '0+50x60',
    },
    healthy: {
      'drover_finished_tasks_total{queue="mail",state="failed"}': '0+1x60',
      'drover_finished_tasks_total{queue="mail",state="succeeded"}': '0+500x60',
    },
    at: '50m',
    labels: { queue: 'mail' },
  },
  {
    name: 'DroverIntakeClosed',
    expr: `${aggregate('min', [], 'drover_intake_open', series('drover_intake_open'))} == 0`,
    for: '1m',
    severity: 'page',
    summary: 'New tasks are refused',
    cure: 'drover status says why: too many unfinished tasks, too many bytes, or a quota of ZooKeeper.',
    firing: { 'drover_intake_open{instance="s1"}': '0x30' },
    healthy: { 'drover_intake_open{instance="s1"}': '1x30' },
  },
  {
    name: 'DroverSessionsFlapping',
    expr: `${increase('drover_session_changes_total', { by: ['instance'], where: { state: 'expired' }, range: '15m' })} > 3`,
    severity: 'ticket',
    summary: 'Sessions of {{ $labels.instance }} expire again and again',
    cure: 'Its process is starved or paused for longer than --session-timeout, or its network breaks.',
    firing: { 'drover_session_changes_total{instance="w1",state="expired"}': '0+1x30' },
    healthy: { 'drover_session_changes_total{instance="w1",state="expired"}': '2x30' },
    labels: { instance: 'w1' },
  },
  {
    name: 'DroverZooKeeperSlow',
    expr: `${quantile(0.99, 'drover_zookeeper_request_seconds', { where: { op: 'write' }, range: '5m' })} > 0.25`,
    for: '10m',
    severity: 'ticket',
    summary: 'One in a hundred writes to ZooKeeper takes more than 250 ms',
    cure: 'Its disk (fsync), its heap, or the network; drover doctor --deep looks at each server.',
    firing: {
      'drover_zookeeper_request_seconds_bucket{op="write",le="0.25"}': '0+10x60',
      'drover_zookeeper_request_seconds_bucket{op="write",le="1"}': '0+100x60',
      'drover_zookeeper_request_seconds_bucket{op="write",le="+Inf"}': '0+100x60',
    },
    healthy: {
      'drover_zookeeper_request_seconds_bucket{op="write",le="0.25"}': '0+100x60',
      'drover_zookeeper_request_seconds_bucket{op="write",le="1"}': '0+100x60',
      'drover_zookeeper_request_seconds_bucket{op="write",le="+Inf"}': '0+100x60',
    },
  },
  {
    name: 'DroverFencedWrites',
    expr: `${increase('drover_fenced_writes_total', { range: '1h' })} > 0`,
    severity: 'info',
    summary: 'ZooKeeper refused writes of a deposed leader: the fence worked',
    cure: 'Ask why that process did not know: a pause of garbage collection, of its machine, a broken network.',
    firing: { 'drover_fenced_writes_total{instance="s1"}': '0 0 0 1x30' },
    healthy: { 'drover_fenced_writes_total{instance="s1"}': '0x30' },
  },
  {
    name: 'DroverLostWork',
    expr:
      `${rate('drover_ended_attempts_total', { where: { outcome: 'lost' }, range: '10m' })} / ` +
      `${rate('drover_assigned_tasks_total', { range: '10m' })} > 0.1`,
    for: '10m',
    severity: 'ticket',
    summary: 'More than one in ten attempts is lost with its worker',
    cure: 'Workers die: out of memory, evicted, killed by a task. worker.left in the log of the leader names them.',
    firing: {
      'drover_ended_attempts_total{outcome="lost"}': '0+20x60',
      'drover_assigned_tasks_total{queue="mail"}': '0+100x60',
    },
    healthy: {
      'drover_ended_attempts_total{outcome="lost"}': '0+1x60',
      'drover_assigned_tasks_total{queue="mail"}': '0+100x60',
    },
  },
  {
    name: 'DroverHandlersStuck',
    expr: `${increase('drover_handler_threads_replaced_total', { by: ['instance'], range: '10m' })} > 5`,
    severity: 'ticket',
    summary: 'Threads of handlers of {{ $labels.instance }} are replaced again and again',
    cure: 'Handlers block their thread, ignore their signal, or exit: executor.thread-ended in its log says which.',
    firing: { 'drover_handler_threads_replaced_total{instance="w1",kind="io"}': '0+1x30' },
    healthy: { 'drover_handler_threads_replaced_total{instance="w1",kind="io"}': '3x30' },
    labels: { instance: 'w1' },
  },
  {
    name: 'DroverInvalidRecords',
    expr: `${increase('drover_invalid_records_total', { range: '1h' })} > 0`,
    severity: 'ticket',
    summary: 'Records in ZooKeeper cannot be read, and are skipped',
    cure: 'record.invalid in the logs has the paths; drover doctor --deep lists them.',
    firing: { 'drover_invalid_records_total{instance="s1"}': '0 0 0 1x30' },
    healthy: { 'drover_invalid_records_total{instance="s1"}': '0x30' },
  },
  {
    name: 'DroverVersionsMixed',
    expr: `count(${aggregate('count', ['version'], 'drover_build_info', series('drover_build_info'))}) > 1`,
    for: '24h',
    severity: 'info',
    summary: 'Processes of more than one version have run for a day',
    cure: 'Finish the upgrade: drover status shows who runs what.',
    firing: {
      'drover_build_info{version="0.1.0",role="worker"}': '1x1600',
      'drover_build_info{version="0.2.0",role="scheduler"}': '1x1600',
    },
    healthy: {
      'drover_build_info{version="0.2.0",role="worker"}': '1x1600',
      'drover_build_info{version="0.2.0",role="scheduler"}': '1x1600',
    },
    at: '25h',
  },
  {
    name: 'DroverTargetsMissing',
    expr: `(${aggregate('count', [], 'drover_build_info', series('drover_build_info', SCHEDULERS))} or vector(0)) < 2`,
    for: '5m',
    severity: 'ticket',
    summary: 'Fewer than two schedulers are seen: nobody can take over',
    cure: 'Start another one, or add it to the targets of Prometheus.',
    firing: { 'drover_build_info{role="scheduler",instance="s1"}': '1x30' },
    healthy: {
      'drover_build_info{role="scheduler",instance="s1"}': '1x30',
      'drover_build_info{role="scheduler",instance="s2"}': '1x30',
    },
  },
];
