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
  FIRE_STARTS,
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
  startedOf,
  startedText,
  startsIn,
  taskFire,
} from './schedules.js';
export type {
  CalendarRecord,
  BackfillOrder,
  BackfillRecord,
  BackfillRedo,
  FireKind,
  FireRecord,
  FireStarts,
  FireWait,
  PageStates,
  ScheduleMore,
  ScheduleRecord,
  ScheduleStateRecord,
  Started,
} from './schedules.js';
export { decodeBroadcast, encodeBroadcast, needsOfBroadcast } from './broadcasts.js';
export type { BroadcastClosed, BroadcastFinished, BroadcastRecord, StoredBroadcast } from './broadcasts.js';
export type { BroadcastPart } from './broadcast-part.js';
export { limitSpecOf, LIMIT_SHARDS, reservedKeys, shardName, shardOf } from './limits.js';
export type { LimitRecord, LimitUseRecord, ReservedKey } from './limits.js';
export { specOf } from './definitions.js';
export type { AccountUseRecord, CapacityRecord } from './definitions.js';
export type { AdviceRecord, ScaleRecord } from './scale.js';
export {
  decodeFlow,
  decodeFlowHeader,
  decodeNotes,
  encodeFlow,
  encodeNotes,
  FLOW_STATES,
  MAX_RUNS,
  tasksOf,
} from './flows.js';
export { becomeId, draftId, firedId } from './derived-ids.js';
export type {
  DraftRecord,
  FlowHeader,
  FlowRecord,
  NoteRecord,
  OfRecord,
  ReadRecord,
  RunEnd,
  RunOutcome,
  RunReplyRecord,
  RunViewRecord,
  StepReport,
} from './flows.js';
export { schemaOf } from './shapes.js';
export { traceAt, tracedTasks } from './traces.js';
export type { TracedTasks } from './traces.js';
export { znodesDocument } from './document.js';
export { examples } from './examples.js';
export type { Example } from './examples.js';
export { NEEDS_VERSION, RECORD_VERSION } from './json.js';
export {
  BROADCAST,
  CHANGE,
  ERASE,
  FEATURES,
  FIRES,
  FIRE_RUNS,
  FLOWS,
  LIMITED,
  PURGE,
  REQUEST_KEY,
  SEQUENCES,
  notUnderstood,
  understanding,
} from './features.js';
