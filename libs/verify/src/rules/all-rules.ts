import { attemptsGrow } from './attempts-grow.js';
import { endedOnce } from './ended-once.js';
import { fencedResource } from './fenced-resource.js';
import { leaderlessAfterKill, leaderlessAfterStop } from './leaderless.js';
import { oneResult } from './one-result.js';
import { oneTask } from './one-task.js';
import { recovery } from './recovery.js';
import { rollingDeploy } from './rolling-deploy.js';
import type { RunRule, TaskRule } from './rule.js';
import { startsExplained } from './starts-explained.js';
import { wantedEffects } from './wanted-effects.js';
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
  rollingDeploy,
];
export const RUN_RULES: readonly RunRule[] = [recovery, znodesBack, leaderlessAfterKill, leaderlessAfterStop];
