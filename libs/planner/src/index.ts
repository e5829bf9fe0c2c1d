export * from './model.js';
export { Planner } from './planner.js';
export type { PlannerOptions } from './state.js';
export type { Explanation, Reason } from './explain.js';
export type { Page, PageBudget, PageCursor, PageRequest } from './pages.js';
export type { TaskRow } from './task-seen.js';
export type { Claim } from './requests.js';
export type { QueueView, SeenState } from './views.js';
export { DEFAULT_PLANNER_SETTINGS, MAX_REMOVALS } from './settings.js';
