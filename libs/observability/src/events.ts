/** Every event that Drover logs: its level and its fields. The docs and the types are drawn from this table. */
export const EVENTS = {
  'session.connected': {
    level: 'info',
    fields: ['sessionId', 'timeoutMs', 'incarnation'],
    text: 'connected to ZooKeeper',
  },
  'session.suspended': {
    level: 'warn',
    fields: ['sessionId', 'reason'],
    text: 'lost contact with ZooKeeper; pausing until it is back',
  },
  'session.expired': {
    level: 'warn',
    fields: ['sessionId', 'reason'],
    text: 'session expired; starting a new one',
  },
  'session.refused': {
    level: 'error',
    fields: ['sessionId', 'reason'],
    text: 'ZooKeeper refused the setup of the session; retrying',
  },
  'access.open': { level: 'warn', fields: ['root', 'reason'], text: 'Drover is open to anybody who reaches ZooKeeper' },
  'election.won': { level: 'info', fields: ['epoch'], text: 'became leader' },
  'election.lost': { level: 'info', fields: ['leader', 'epoch'], text: 'following another leader' },
  'term.began': {
    level: 'info',
    fields: ['epoch', 'assignments', 'tookMs'],
    text: 'took over; assigning tasks',
  },
  'term.loaded': {
    level: 'info',
    fields: ['epoch', 'batches', 'tasks', 'tookMs'],
    text: 'all tasks loaded',
  },
  'term.ended': { level: 'info', fields: ['epoch', 'reason'], text: 'no longer leader' },
  'term.failed': {
    level: 'error',
    fields: ['epoch', 'error'],
    text: 'internal error; giving up leadership (please report)',
  },
  'fence.rejected': {
    level: 'warn',
    fields: ['epoch', 'what'],
    text: 'ZooKeeper rejected a write of this deposed leader',
  },
  'registration.taken': {
    level: 'warn',
    fields: ['path', 'owner'],
    text: 'another session still holds this name; registering when it ends',
  },
  'worker.joined': { level: 'info', fields: ['worker', 'capacity', 'types'], text: 'worker joined' },
  'worker.left': { level: 'info', fields: ['worker', 'assignments', 'tasks'], text: 'worker left' },
  'worker.registered': { level: 'info', fields: ['worker', 'capacity'], text: 'registered; ready for tasks' },
  'worker.exposed': {
    level: 'warn',
    fields: ['builtin', 'risk'],
    text: 'this worker offers a built-in type that acts on its machine or its network',
  },
  'worker.stopping': {
    level: 'info',
    fields: ['worker', 'running', 'stopTimeoutMs'],
    text: 'stopping; waiting for running tasks',
  },
  'registration.refused': {
    level: 'error',
    fields: ['worker', 'reason'],
    text: 'ZooKeeper refused the registration; retrying',
  },
  'worker.capacity': {
    level: 'info',
    fields: ['worker', 'capacity', 'resources'],
    text: 'what this worker has is another amount now',
  },
  'worker.reloaded': {
    level: 'info',
    fields: ['worker'],
    text: 'labels and resources are read again',
  },
  'worker.not-reloaded': {
    level: 'error',
    fields: ['worker', 'reason'],
    text: 'the settings are wrong now; labels and resources stay as they were',
  },
  'scale.advised': {
    level: 'info',
    fields: ['pool', 'wanted', 'have', 'coming', 'remove', 'why'],
    text: 'the pool should have another number of workers, or some may be removed',
  },
  'webhook.failed': {
    level: 'warn',
    fields: ['pool', 'reason'],
    text: 'the webhook of the pool was not told of advice; trying again',
  },
  'worker.pressed': {
    level: 'warn',
    fields: ['worker', 'reason'],
    text: 'the machine is under pressure; no task begins',
  },
  'worker.relieved': { level: 'info', fields: ['worker'], text: 'the machine is at ease again; ready for tasks' },
  'worker.spot-notice': {
    level: 'warn',
    fields: ['worker', 'until'],
    text: 'the cloud takes this instance away; draining',
  },
  'worker.spot-kept': { level: 'info', fields: ['worker'], text: 'the cloud leaves this instance; ready for tasks' },
  'spot.unknown': {
    level: 'warn',
    fields: ['cloud', 'reason'],
    text: 'the metadata service does not say whether this instance is taken away; asking again',
  },
  'task.unfit': {
    level: 'warn',
    fields: ['task', 'type', 'attempt', 'reason'],
    text: 'the task needs more than this worker has; handing it back',
  },
  'worker.draining': { level: 'info', fields: ['worker', 'running'], text: 'draining' },
  'term.aborted': {
    level: 'warn',
    fields: ['epoch', 'reason', 'terms', 'pauseMs'],
    text: 'this term as leader was cut short; starting a new one',
  },
  'intake.closed': {
    level: 'warn',
    fields: ['code', 'reason', 'tasks', 'bytes', 'names'],
    text: 'intake closed; new tasks are refused',
  },
  'intake.opened': {
    level: 'info',
    fields: ['tasks', 'bytes', 'names'],
    text: 'intake open again',
  },
  'write.refused': {
    level: 'warn',
    fields: ['code', 'path', 'times'],
    text: 'ZooKeeper refused a write; the leader continues without it',
  },
  'quota.exceeded': {
    level: 'warn',
    fields: ['path'],
    text: "ZooKeeper's quota is used up; accepting and assigning no tasks until there is room",
  },
  'quota.cleared': { level: 'info', fields: ['path'], text: "there is room within ZooKeeper's quota again" },
  'assignment.revoked': {
    level: 'warn',
    fields: ['assignment', 'worker', 'tasks', 'reason'],
    text: 'assignment revoked',
  },
  'report.rejected': {
    level: 'warn',
    fields: ['assignment', 'tasks'],
    text: 'results dropped; the assignment was revoked',
  },
  'report.postponed': {
    level: 'warn',
    fields: ['reason'],
    text: 'ZooKeeper rejected the results; retrying',
  },
  'worker.resumed': { level: 'info', fields: ['worker'], text: 'no longer draining; ready for tasks' },
  'task.started': { level: 'debug', fields: ['task', 'type', 'attempt'], text: 'task started' },
  'task.failed': { level: 'info', fields: ['task', 'type', 'attempt', 'error'], text: 'attempt failed' },
  'task.later': {
    level: 'info',
    fields: ['task', 'type', 'attempt', 'afterMs', 'limit', 'reason'],
    text: 'the handler asked to run the task later',
  },
  'task.log': {
    level: 'info',
    fields: ['task', 'type', 'attempt', 'traceId', 'message', 'fields'],
    text: '(the message of the handler)',
    says: 'message',
  },
  'handler.background-error': {
    level: 'error',
    fields: ['module', 'type', 'task', 'error'],
    text: 'unhandled error in handler code outside of any running task',
  },
  'task.dead': { level: 'warn', fields: ['task', 'type', 'attempts', 'error'], text: 'task failed; no attempts left' },
  'record.invalid': { level: 'error', fields: ['path', 'reason'], text: 'skipped an unreadable record' },
  'run.failed': { level: 'warn', fields: ['run', 'flow', 'reason'], text: 'a run of a flow failed' },
  'schedule.missed': {
    level: 'warn',
    fields: ['schedule', 'missed', 'reason', 'nominal'],
    text: 'times of a schedule were missed',
  },
  'schedule.paused': {
    level: 'error',
    fields: ['schedule', 'reason'],
    text: 'a schedule was paused, because its fires fail',
  },
  'schedule.broken': {
    level: 'error',
    fields: ['schedule', 'reason'],
    text: 'a schedule makes no sense, and stands still',
  },
  'schedule.backfilled': {
    level: 'info',
    fields: ['schedule', 'backfill', 'fired', 'skipped'],
    text: 'a back-fill has ended',
  },
  'broadcast.began': {
    level: 'info',
    fields: ['broadcast', 'type', 'workers'],
    text: 'broadcast began: so many workers are given a task',
  },
  'broadcast.joined': {
    level: 'info',
    fields: ['broadcast', 'workers'],
    text: 'more workers are given a task of a broadcast that is open',
  },
  'broadcast.full': {
    level: 'warn',
    fields: ['broadcast', 'workers'],
    text: 'a broadcast has as many workers as it takes; further ones are given nothing',
  },
  'broadcast.closed': {
    level: 'info',
    fields: ['broadcast', 'why'],
    text: 'broadcast closed: no more workers join it',
  },
  'broadcast.finished': {
    level: 'info',
    fields: ['broadcast', 'succeeded', 'failed', 'cancelled'],
    text: 'every task of a broadcast has ended',
  },
  'schedule.held': { level: 'warn', fields: ['reason'], text: 'schedules do not fire, because no tasks are accepted' },
  'clock.skew': {
    level: 'error',
    fields: ['aheadMs'],
    text: "ZooKeeper's clock and this host's disagree; schedules do not fire",
  },
  'tzdata.changed': {
    level: 'warn',
    fields: ['before', 'now'],
    text: 'this leader has other zone data than the one that reckoned the next times of schedules; they are reckoned anew',
  },
  'clock.agrees': { level: 'info', fields: [], text: 'the clocks agree again; schedules catch up' },
  'command.done': {
    level: 'info',
    fields: ['command', 'kind', 'target', 'by', 'reason', 'ok'],
    text: 'command executed',
  },
  'retention.dead-removed': {
    level: 'info',
    fields: ['batches', 'tasks'],
    text: 'removed failed tasks beyond --retain-dead or --retain-dead-tasks',
  },
  'retention.removed': { level: 'debug', fields: ['batches', 'tasks'], text: 'removed old batches' },
  'executor.thread-ended': {
    level: 'warn',
    fields: ['kind', 'reason', 'tasks'],
    text: 'a handler thread ended and was replaced',
  },
  audit: {
    level: 'info',
    always: true,
    fields: [
      'auditId',
      'who',
      'how',
      'roles',
      'from',
      'action',
      'object',
      'reason',
      'ok',
      'code',
      'count',
      'requestId',
    ],
    text: 'asked for through the API',
  },
  'access.unreadable': {
    level: 'warn',
    fields: ['reason'],
    text: 'cannot read who may use the API; what was read last stays in force',
  },
  'api.failed': {
    level: 'error',
    fields: ['requestId', 'route', 'error'],
    text: 'internal error while answering a request (please report)',
  },
  'api.leader-silent': {
    level: 'info',
    fields: ['api', 'reason'],
    text: 'lost the stream to the API of the leader; trying again',
  },
  'api.exposed': { level: 'warn', fields: ['listen', 'reason'], text: 'the API is open to others' },
  'api.certificate-changed': { level: 'info', fields: ['file'], text: 'the API uses a new certificate' },
  'api.tokens-changed': { level: 'info', fields: ['file', 'tokens'], text: 'read the tokens of the API again' },
  'api.file-refused': {
    level: 'error',
    fields: ['file', 'reason'],
    text: 'a file of the API cannot be used; its last good content stays in force',
  },
  'api.provider-unreachable': {
    level: 'warn',
    fields: ['issuer', 'reason'],
    text: 'the OpenID provider does not answer as expected; nobody can sign in by it now',
  },
  'api.listening': { level: 'info', fields: ['url'], text: 'serving the API and the dashboard' },
  'api.ended': {
    level: 'warn',
    fields: ['reason', 'pauseMs'],
    text: 'the thread of the API ended; starting it again',
  },
  'tracing.failed': {
    level: 'warn',
    fields: ['endpoint', 'reason'],
    text: 'spans could not be delivered; they are lost',
  },
  'run-log.dropped': {
    level: 'warn',
    fields: ['task', 'attempt', 'lines'],
    text: 'dropped log lines of a task that logged faster than they could be taken',
  },
  'ops.listening': { level: 'info', fields: ['url'], text: 'serving metrics and probes' },
  'log.dropped': {
    level: 'warn',
    fields: ['lines'],
    text: 'dropped log lines because stderr was not read',
  },
  'process.stopping': { level: 'info', fields: ['reason'], text: 'stopping' },
  'process.failed': { level: 'fatal', fields: ['error'], text: 'fatal error; exiting' },
} as const satisfies Record<string, EventDefinition>;

export interface EventDefinition {
  level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  fields: readonly string[];
  /** Written at every log level but `silent`. */
  always?: boolean;
  /** The text of the line. */
  text: string;
  /** A field whose value the line says instead of `text`. */
  says?: string;
}
