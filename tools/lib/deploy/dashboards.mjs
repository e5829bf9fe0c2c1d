import { aggregate, quantile, rate, series } from './promql.mjs';

/** One line of a panel. `legend`: as Grafana writes it, with labels as `{{queue}}`. */
const line = (expr, legend) => ({ expr, legend });
const sumOf = (name, by = [], where = {}) => aggregate('sum', by, name, series(name, where));
const maxOf = (name, by = [], where = {}) => aggregate('max', by, name, series(name, where));
/** The same quantiles of a histogram. */
const spread = (name, options = {}) => [0.5, 0.95, 0.99].map((q) => line(quantile(q, name, options), `p${q * 100}`));

/** An operator looks at these rows from the flow to the machine. Units are Grafana's. */
export const DROVER = {
  uid: 'drover',
  title: 'Drover',
  rows: [
    {
      title: 'Flow',
      panels: [
        { title: 'Tasks by state', lines: [line(sumOf('drover_tasks', ['state']), '{{state}}')] },
        {
          title: 'Accepted, handed out, finished a second',
          unit: 'ops',
          lines: [
            line(rate('drover_accepted_tasks_total'), 'accepted'),
            line(rate('drover_assigned_tasks_total'), 'handed out'),
            line(rate('drover_finished_tasks_total'), 'finished'),
          ],
        },
        {
          title: 'Waiting by queue',
          lines: [line(sumOf('drover_queue_tasks', ['queue'], { state: 'pending' }), '{{queue}}')],
        },
        { title: 'Types that nobody serves', lines: [line(maxOf('drover_unserved_tasks', ['type']), '{{type}}')] },
      ],
    },
    {
      title: 'Wait and latency',
      panels: [
        {
          title: 'Age of the oldest task that is due, by queue',
          unit: 's',
          lines: [line(maxOf('drover_queue_oldest_pending_age_seconds', ['queue']), '{{queue}}')],
        },
        { title: 'From due to handed out', unit: 's', lines: spread('drover_queue_wait_seconds') },
        { title: 'From submit to end', unit: 's', lines: spread('drover_task_latency_seconds') },
      ],
    },
    {
      title: 'Failures',
      panels: [
        {
          title: 'Ends of attempts a second',
          unit: 'ops',
          lines: [line(rate('drover_ended_attempts_total', { by: ['outcome'] }), '{{outcome}}')],
        },
        {
          title: 'Tasks that failed for good a second',
          unit: 'ops',
          lines: [
            line(rate('drover_finished_tasks_total', { by: ['queue'], where: { state: 'failed' } }), '{{queue}}'),
          ],
        },
        {
          title: 'Assignments that were revoked a second',
          unit: 'ops',
          lines: [line(rate('drover_revoked_assignments_total', { by: ['reason'] }), '{{reason}}')],
        },
      ],
    },
    {
      title: 'Workers',
      panels: [
        { title: 'Workers', lines: [line(sumOf('drover_workers', ['state']), '{{state}}')] },
        { title: 'Places of all workers', lines: [line(sumOf('drover_worker_slots', ['state']), '{{state}}')] },
      ],
    },
    {
      title: 'Resources',
      panels: [
        {
          title: 'Part of each resource that is claimed, by pool',
          unit: 'percentunit',
          lines: [
            line(
              `${sumOf('drover_resource_claimed', ['pool', 'resource'])} / ${sumOf('drover_resource_capacity', ['pool', 'resource'])}`,
              '{{pool}} {{resource}}',
            ),
          ],
        },
        {
          title: 'Part of each resource that is used, by pool',
          unit: 'percentunit',
          lines: [
            line(
              `${sumOf('drover_resource_used', ['pool', 'resource'])} / ${sumOf('drover_resource_capacity', ['pool', 'resource'])}`,
              '{{pool}} {{resource}}',
            ),
          ],
        },
        {
          title: 'Shares of accounts, over their weights',
          unit: 'percentunit',
          lines: [line(maxOf('drover_account_share', ['account']), '{{account}}')],
        },
        {
          title: 'Work that waits for room, or fits nowhere',
          lines: [
            line(maxOf('drover_parked_classes'), 'kinds of work that wait for room'),
            line(maxOf('drover_unplaceable_tasks'), 'tasks that fit no worker'),
          ],
        },
        {
          title: 'Placements a second',
          unit: 'ops',
          lines: [line(rate('drover_placements_total', { by: ['pool'] }), '{{pool}}')],
        },
        { title: 'One placement', unit: 's', lines: spread('drover_placement_seconds') },
        {
          title: 'Wait of 95 % of the tasks, by account',
          unit: 's',
          lines: [line(quantile(0.95, 'drover_wait_seconds', { by: ['account'] }), '{{account}}')],
        },
        {
          title: 'Tasks that made room for others a second',
          unit: 'ops',
          lines: [line(rate('drover_preempted_total', { by: ['reason'] }), '{{reason}}')],
        },
      ],
    },
    {
      title: 'Leader',
      panels: [
        { title: 'Leads', lines: [line(maxOf('drover_leader', ['instance']), '{{instance}}')] },
        { title: 'Takeovers a second', unit: 'ops', lines: [line(rate('drover_takeovers_total'), 'takeovers')] },
        { title: 'One run of the planner', unit: 's', lines: spread('drover_plan_seconds') },
        { title: 'One transaction', unit: 's', lines: spread('drover_transaction_seconds') },
        {
          title: 'Intake open',
          lines: [line(aggregate('min', [], 'drover_intake_open', series('drover_intake_open')), 'open')],
        },
        { title: 'Fenced writes', lines: [line(sumOf('drover_fenced_writes_total', ['instance']), '{{instance}}')] },
      ],
    },
    {
      title: 'ZooKeeper',
      panels: [
        { title: 'Reads', unit: 's', lines: spread('drover_zookeeper_request_seconds', { where: { op: 'read' } }) },
        { title: 'Writes', unit: 's', lines: spread('drover_zookeeper_request_seconds', { where: { op: 'write' } }) },
        {
          title: 'Changes of sessions a second',
          unit: 'ops',
          lines: [line(rate('drover_session_changes_total', { by: ['state'] }), '{{state}}')],
        },
      ],
    },
    {
      title: 'API',
      panels: [
        {
          title: 'Requests a second',
          unit: 'reqps',
          lines: [line(rate('drover_api_requests_total', { by: ['route', 'code'] }), '{{route}} {{code}}')],
        },
        { title: 'Answers', unit: 's', lines: spread('drover_api_request_seconds') },
        { title: 'Open streams', lines: [line(sumOf('drover_api_streams'), 'streams')] },
        {
          title: 'Refused a second',
          unit: 'ops',
          lines: [line(rate('drover_api_denied_total', { by: ['code'] }), '{{code}}')],
        },
      ],
    },
  ],
};

export const WORKER = {
  uid: 'drover-worker',
  title: 'Drover workers',
  rows: [
    {
      title: 'Work',
      panels: [
        {
          title: 'Tasks that run, and places',
          lines: [
            line(sumOf('drover_worker_running', ['instance']), '{{instance}} runs'),
            line(sumOf('drover_worker_capacity', ['instance']), '{{instance}} places'),
          ],
        },
        {
          title: 'Calls of handlers a second',
          unit: 'ops',
          lines: [
            line(
              aggregate(
                'sum',
                ['type', 'outcome'],
                'drover_handler_seconds',
                `rate(${series('drover_handler_seconds_count')}[$__rate_interval])`,
              ),
              '{{type}} {{outcome}}',
            ),
          ],
        },
        {
          title: 'Handlers, p95 by type',
          unit: 's',
          lines: [line(quantile(0.95, 'drover_handler_seconds', { by: ['type'] }), '{{type}}')],
        },
        { title: 'From the end of a task to ZooKeeper', unit: 's', lines: spread('drover_report_seconds') },
      ],
    },
    {
      title: 'Trouble',
      panels: [
        {
          title: 'Threads of handlers replaced a second',
          unit: 'ops',
          lines: [
            line(rate('drover_handler_threads_replaced_total', { by: ['instance', 'kind'] }), '{{instance}} {{kind}}'),
          ],
        },
        {
          title: 'Results dropped a second',
          unit: 'ops',
          lines: [line(rate('drover_dropped_results_total', { by: ['instance'] }), '{{instance}}')],
        },
        {
          title: 'Requests that the policy refused a second',
          unit: 'ops',
          lines: [line(rate('drover_http_blocked_total', { by: ['reason'] }), '{{reason}}')],
        },
        {
          title: 'Lines of logs a second',
          unit: 'ops',
          lines: [
            line(rate('drover_run_log_lines_total', { by: ['instance'] }), '{{instance}}'),
            line(rate('drover_run_log_dropped_total', { by: ['instance'] }), '{{instance}} dropped'),
          ],
        },
      ],
    },
  ],
};
