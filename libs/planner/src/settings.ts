import { SCHEDULING_DEFAULTS } from '@drover/core';
import type { PlannerSettings } from './model.js';

/** As in production. */
export const DEFAULT_PLANNER_SETTINGS: PlannerSettings = SCHEDULING_DEFAULTS;

/** No assignment has more tasks. */
export const MAX_SLICE = 500;
/** No worker has more tasks ahead, however quick it is: they would all be repeated if it died. */
export const MAX_AHEAD = 5_000;
/** While much is pending, so many times `aheadMs` goes ahead. */
export const DEEP_AHEAD = 2;
/** The work that goes ahead is one of so many parts of the pending work, by the time that it takes. */
export const GUIDED_PARTS = 16;
/** The cost of an assignment to all who have to do with it, about: work that takes a worker less is not divided. */
export const CHUNK_MS = 1;
/** Work of a worker that a turn takes while others contend: some ten turns make up what a worker has ahead. */
export const TURN_MS = 5;
/** A type whose pace nobody has told goes to so many workers first: what they tell decides how it is divided. */
export const PROBES = 32;
/** Until they have told it goes to twice as many after every such time. */
export const PROBE_MS = 100;
/** A full worker that has ended nothing for so long no longer holds others back to a proportion. */
export const HELD_BACK_MS = 30_000;
/** Handing work back and out again costs two round trips: it pays for work that would wait longer than this. */
export const RECALL_PAYS_MS = 100;
/**
 * Workers that die within so long of each other die for one reason, if they are so many: a rack, a deploy, the
 * network.
 */
export const DEATHS_TOGETHER_MS = 5_000;
export const MANY_DEATHS = 3;
/** A worker that is kept for suspects and is not empty by then has work without an end: suspects go beside it. */
export const SUSPECTS_WAIT_MS = 300_000;
/** The pace of a type that nobody has used for so long is forgotten, at the latest after twice this time. */
export const REMEMBERED_MS = 3_600_000;
/** Assignments that one plan makes; the next one goes on. */
export const MAX_ASSIGNMENTS = 500;
/** Looks for workers with room that one plan takes; the next one goes on. */
export const MAX_STEPS = 20_000;
/** Batches that are kept for their failed tasks hold no more than this together: ZooKeeper has it in memory. */
export const MAX_DEAD_BYTES = 256 * 1024 * 1024;
/** The assumed size of the result of a task: the leader reads results of successes never. */
export const RESULT_BYTES = 64;
/** Groups of tasks that wait for the same others: so many are looked at in a plan, and the next one goes on. */
export const MAX_WAITERS = 2_000;
/** Batches that one plan removes; the next one goes on. */
export const MAX_REMOVALS = 100;
/** With more workers that have room a strategy that takes any is shown some of them, this many for each part. */
export const SHOWN_WORKERS = 100;
export const SHOWN_FOR_EACH = 4;
/** With more starved and loaded workers than this, work is reclaimed now and then only. */
export const RECLAIM_FEW = 100;
export const RECLAIM_EVERY_MS = 100;

/** Looks for tasks that could make room are so far apart. */
export const PREEMPT_EVERY_MS = 250;
/** Looks for slow tasks that could be begun once more are so far apart. */
export const SPECULATE_EVERY_MS = 250;
/** The queue of a task that takes room by priority has one that is so much higher. */
export const PREEMPT_GAP = 1;
/** One look makes room for so many classes, for so many tasks of each, and compares so many workers for each. */
export const PREEMPT_TAKERS = 16;
export const MAX_PREEMPTIONS_EACH = 100;
export const PREEMPT_WORKERS = 200;

/** Classes that have waited for room are looked at this often. */
export const RESERVE_EVERY_MS = 250;
/** A worker is kept for a class so long beyond the time when it should have been free; then another is looked for. */
export const RESERVE_KEEP_MS = 60_000;
/** Workers, or classes that wait, that are looked at for one reservation. */
export const RESERVE_LOOKS = 500;
/** The part of the workers whose room may be reserved, at least one of them. */
export const RESERVE_PART = 0.05;

/** Dead letters that one transaction tells of: each takes up to 4 KB of it. */
export const MAX_TOLD = 50;
