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
  ChangeRecord,
  QueueRecord,
  RecordKind,
  RootRecord,
  SchedulerRecord,
  StatusRecord,
  WorkerAssignmentsRecord,
  WhyRecord,
  WorkerRecord,
} from './records.js';
export { znodesDocument } from './document.js';
export { EXAMPLES } from './examples.js';
export type { Example } from './examples.js';
export { NEEDS_VERSION, RECORD_VERSION } from './json.js';
export { FEATURES, notUnderstood, understanding } from './features.js';
