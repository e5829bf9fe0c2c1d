import { apart } from './apart.js';
import { attemptsGrow } from './attempts-grow.js';
import { broadcastOnce } from './broadcast-once.js';
import { delays } from './delays.js';
import { endedOnce } from './ended-once.js';
import { firesApart } from './fires-apart.js';
import { firesOnce } from './fires-once.js';
import { fencedResource } from './fenced-resource.js';
import { leaderlessAfterKill, leaderlessAfterStop } from './leaderless.js';
import { lifetimes } from './lifetimes.js';
import { limitedConcurrency } from './limited-concurrency.js';
import { limitedRate } from './limited-rate.js';
import { onceMore } from './once-more.js';
import { oneOfKey } from './one-of-key.js';
import { oneResult } from './one-result.js';
import { oneTask } from './one-task.js';
import { recovery } from './recovery.js';
import { rollingDeploy } from './rolling-deploy.js';
import type { RunRule, SubjectRule, TaskRule } from './rule.js';
import { runsOver } from './runs-over.js';
import { sequences } from './sequences.js';
import { shares } from './shares.js';
import { startsExplained } from './starts-explained.js';
import { stepsInOrder } from './steps-in-order.js';
import { rightPlaces } from './right-places.js';
import { wantedEffects } from './wanted-effects.js';
import { windows } from './windows.js';
import { workersHold } from './workers-hold.js';
import { znodesBack } from './znodes.js';

/** All rules about tasks, in the order in which they are shown. */
export const TASK_RULES: readonly TaskRule[] = [
  endedOnce,
  oneTask,
  oneResult,
  startsExplained,
  attemptsGrow,
  wantedEffects,
  fencedResource,
  delays,
  lifetimes,
  rightPlaces,
  rollingDeploy,
];
/** All rules about what tasks share. */
export const SUBJECT_RULES: readonly SubjectRule[] = [
  firesOnce,
  firesApart,
  oneOfKey,
  onceMore,
  windows,
  limitedConcurrency,
  limitedRate,
  sequences,
  stepsInOrder,
  runsOver,
  broadcastOnce,
  workersHold,
  apart,
  shares,
];
export const RUN_RULES: readonly RunRule[] = [recovery, znodesBack, leaderlessAfterKill, leaderlessAfterStop];
