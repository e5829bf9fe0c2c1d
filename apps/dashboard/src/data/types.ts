import type { AnswerOf, Shape } from '@drover/api';

/** The documents of the API by their names. */
export type About = Shape<'about'>;
export type Attempt = Shape<'attempt'>;
export type Attention = Shape<'attention'>;
export type AuditEntry = Shape<'auditEntry'>;
export type Election = Shape<'election'>;
export type FailureEntry = Shape<'failureEntry'>;
export type FailureGroup = Shape<'failureGroup'>;
export type Limit = Shape<'limit'>;
export type LogLine = Shape<'logLine'>;
export type LogSource = Shape<'logSource'>;
export type Operation = Shape<'operation'>;
export type Overview = Shape<'overview'>;
export type Places = Shape<'places'>;
export type Preview = Shape<'preview'>;
export type Queue = Shape<'queueWithLive'>;
export type Schedule = Shape<'schedule'>;
export type ScheduleSummary = Shape<'scheduleSummary'>;
export type Scheduler = Shape<'scheduler'>;
export type Task = Shape<'task'>;
export type TaskRow = Shape<'taskRow'>;
export type Token = Shape<'token'>;
export type Why = Shape<'why'>;
export type Worker = Shape<'worker'>;
export type ZooKeeperView = Shape<'zookeeper'>;

export type State = TaskRow['state'];
export type TaskPage = AnswerOf<'GET', '/v1/tasks'>;
