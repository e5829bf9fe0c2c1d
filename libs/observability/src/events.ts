/** Every event that Drover logs: its level and its fields. The docs and the types are drawn from this table. */
export const EVENTS = {
  'session.connected': {
    level: 'info',
    fields: ['sessionId', 'timeoutMs', 'incarnation'],
    text: 'connected to ZooKeeper',
  },
  'session.suspended': { level: 'warn', fields: ['sessionId'], text: 'connection in doubt: no new decisions' },
  'session.expired': { level: 'warn', fields: ['sessionId'], text: 'session expired: starting a new one' },
  'election.won': { level: 'info', fields: ['epoch'], text: 'leading' },
  'election.lost': { level: 'info', fields: ['leader', 'epoch'], text: 'following' },
  'term.began': {
    level: 'info',
    fields: ['epoch', 'batches', 'tasks', 'assignments', 'tookMs'],
    text: 'state read, assigning',
  },
  'term.ended': { level: 'info', fields: ['epoch', 'reason'], text: 'no longer leading' },
  'term.failed': { level: 'error', fields: ['epoch', 'error'], text: 'a fault of this program ended the term' },
  'fence.rejected': {
    level: 'warn',
    fields: ['epoch', 'what'],
    text: 'ZooKeeper rejected a write of this deposed leader',
  },
  'registration.taken': {
    level: 'warn',
    fields: ['path', 'owner'],
    text: 'another process has this name: waiting for it to go',
  },
  'worker.joined': { level: 'info', fields: ['worker', 'capacity', 'types'], text: 'worker joined' },
  'worker.left': { level: 'info', fields: ['worker', 'assignments', 'tasks'], text: 'worker is gone' },
  'worker.registered': { level: 'info', fields: ['worker', 'capacity'], text: 'registered, ready for tasks' },
  'worker.draining': { level: 'info', fields: ['worker', 'running'], text: 'draining' },
  'intake.changed': {
    level: 'warn',
    fields: ['open', 'tasks', 'bytes'],
    text: 'more tasks are taken, or not: submitters are told',
  },
  'assignment.revoked': {
    level: 'warn',
    fields: ['assignment', 'worker', 'tasks', 'reason'],
    text: 'assignment revoked',
  },
  'report.rejected': {
    level: 'warn',
    fields: ['assignment', 'tasks'],
    text: 'results dropped: the assignment was revoked',
  },
  'report.postponed': {
    level: 'warn',
    fields: ['reason'],
    text: 'ZooKeeper refused results for now: sending them again soon',
  },
  'worker.resumed': { level: 'info', fields: ['worker'], text: 'no longer draining, ready for tasks' },
  'task.started': { level: 'debug', fields: ['task', 'type', 'attempt'], text: 'task started' },
  'task.failed': { level: 'info', fields: ['task', 'type', 'attempt', 'error'], text: 'attempt failed' },
  'task.log': { level: 'info', fields: ['task', 'message', 'fields'], text: 'from the handler' },
  'task.dead': { level: 'warn', fields: ['task', 'type', 'attempts'], text: 'task failed for good' },
  'record.invalid': { level: 'error', fields: ['path', 'reason'], text: 'a znode is not what it should be: skipped' },
  'command.done': { level: 'info', fields: ['command', 'kind', 'ok'], text: 'command carried out' },
  'retention.removed': { level: 'debug', fields: ['batches', 'tasks'], text: 'old batches removed' },
  'executor.thread-ended': {
    level: 'warn',
    fields: ['kind', 'reason', 'tasks'],
    text: 'a handler thread ended: replaced',
  },
  'process.stopping': { level: 'info', fields: ['reason'], text: 'stopping' },
  'process.failed': { level: 'fatal', fields: ['error'], text: 'cannot go on' },
} as const satisfies Record<
  string,
  { level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'; fields: readonly string[]; text: string }
>;
