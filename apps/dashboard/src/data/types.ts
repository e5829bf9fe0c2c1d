import type { AnswerOf, schemas } from '@drover/api';
import type * as z from 'zod';

/** The documents of the API by their names. */
type Of<Name extends keyof typeof schemas> = (typeof schemas)[Name] extends infer Schema extends z.ZodType
  ? z.output<Schema>
  : never;

export type About = Of<'about'>;
export type Attempt = Of<'attempt'>;
export type Attention = Of<'attention'>;
export type AuditEntry = Of<'auditEntry'>;
export type Election = Of<'election'>;
export type FailureEntry = Of<'failureEntry'>;
export type FailureGroup = Of<'failureGroup'>;
export type Limit = Of<'limit'>;
export type LogLine = Of<'logLine'>;
export type LogSource = Of<'logSource'>;
export type Operation = Of<'operation'>;
export type Overview = Of<'overview'>;
export type Preview = Of<'preview'>;
export type Queue = Of<'queueWithLive'>;
export type Schedule = Of<'schedule'>;
export type ScheduleSummary = Of<'scheduleSummary'>;
export type Scheduler = Of<'scheduler'>;
export type Task = Of<'task'>;
export type TaskRow = Of<'taskRow'>;
export type TimeSeries = Of<'timeSeries'>;
export type Token = Of<'token'>;
export type Why = Of<'why'>;
export type Worker = Of<'worker'>;
export type ZooKeeperView = Of<'zookeeper'>;

export type State = TaskRow['state'];
export type TaskPage = AnswerOf<'GET', '/v1/tasks'>;
