export type { WhenEntry } from '@drover/calendar';
export { checkedSpec, parseDates } from './checked.js';
export {
  addBackfill,
  cancelBackfill,
  removeBackfill,
  tryBackfill,
  type BackfillAdded,
  type GivenBackfill,
} from './backfill-changes.js';
export { nextBackfills } from './backfills.js';
export { Book } from './book.js';
export type { Ask, BookOptions, Told } from './book.js';
export {
  cancelFiresOf,
  pauseSchedules,
  removeSchedules,
  resetSchedules,
  setSchedules,
  triggerSchedule,
  type Change,
  type GivenSchedule,
  type Triggered,
} from './changes.js';
export type { Moment } from './decide.js';
export { idOf, type Fire } from './fires.js';
export type { Ended } from './judge.js';
export type { KeptFire } from './kept-fires.js';
export type { NewBatch, NewRun } from './pack.js';
export type { Page, PageDraft } from './page.js';
export { checkTimes, previewOf } from './preview.js';
export { CATCH_UPS, OVERLAPS, OVERLAP_NAMES, SCHEDULE_DEFAULTS, SCHEDULE_LIMITS } from './policies.js';
export type { CatchUp, Overlap } from './policies.js';
export type { Schedule, ScheduleState } from './schedule.js';
export { beginTerm, dirtyPages, fireMoved, settle, touchThoseWithoutTime } from './settle.js';
export { bytesOf } from './parse-fields.js';
export { withPlan } from './given-flow.js';
export { broadcastOf, isBroadcastRun, isFlowRun } from './run-spec.js';
export type { BroadcastRunSpec, FlowRunSpec, RunSpec, TaskRunSpec } from './run-spec.js';
export { parseSpec } from './spec.js';
export type { ScheduleSpec } from './spec.js';
export { reaim, reckonStale, viewOf } from './view.js';
export type { ZoneData } from './times.js';
export { nextVolley } from './volley.js';
export type { Volley } from './volley.js';
