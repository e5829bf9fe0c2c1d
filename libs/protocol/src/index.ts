export * from './paths.js';
export * from './names.js';
export * from './root.js';
export * from './batch.js';
export * from './result.js';
export { INTAKE_CODES, RECORDS, assignedTasks, decodeRecord, encodeRecord } from './records.js';
export type {
  AssignmentRecord,
  CommandAnswer,
  CommandRecord,
  CommandRequest,
  EpochRecord,
  IntakeCode,
  IntakeRecord,
  KeyRecord,
  LeaderRecord,
  QueueRecord,
  RecordKind,
  RootRecord,
  SchedulerRecord,
  ScheduleReplyRecord,
  ScheduleViewRecord,
  StatusRecord,
  WorkerAssignmentsRecord,
  WhyRecord,
  WorkerRecord,
} from './records.js';
export { formatToken, hashToken, TOKEN_ID, tokenIdOf } from './access.js';
export type { SessionKeysRecord, TokenRecord } from './access.js';
export type { ChangeRecord } from './changes.js';
export {
  BACKFILL_ORDERS,
  BACKFILL_REDOS,
  FIRE_KINDS,
  FIRE_WAITS,
  MAX_PAGE_BYTES,
  MAX_SLOTS,
  decodeSchedule,
  decodeScheduleStates,
  decodeSchedules,
  encodeSchedule,
  encodeScheduleStates,
  encodeSchedules,
  isoTime,
  taskFire,
} from './schedules.js';
export type {
  CalendarRecord,
  BackfillOrder,
  BackfillRecord,
  BackfillRedo,
  FireKind,
  FireRecord,
  FireWait,
  PageStates,
  ScheduleMore,
  ScheduleRecord,
  ScheduleStateRecord,
} from './schedules.js';
export { limitSpecOf, LIMIT_SHARDS, reservedKeys, shardName, shardOf } from './limits.js';
export type { LimitRecord, LimitUseRecord, ReservedKey } from './limits.js';
export { traceAt, tracedTasks } from './traces.js';
export type { TracedTasks } from './traces.js';
export { znodesDocument } from './document.js';
export { examples } from './examples.js';
export type { Example } from './examples.js';
export { NEEDS_VERSION, RECORD_VERSION } from './json.js';
export {
  CHANGE,
  ERASE,
  FEATURES,
  FIRES,
  LIMITED,
  PURGE,
  REQUEST_KEY,
  SEQUENCES,
  notUnderstood,
  understanding,
} from './features.js';
