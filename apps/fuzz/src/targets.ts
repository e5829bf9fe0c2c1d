import type { Target } from './target.js';
import { accessTargets } from './targets/access.js';
import { apiTargets } from './targets/api.js';
import { filterTargets } from './targets/filters.js';
import { nameTargets } from './targets/names.js';
import { recordTargets } from './targets/records.js';
import { sessionTargets } from './targets/session.js';
import { settingsTargets } from './targets/settings.js';
import { streamTargets } from './targets/stream.js';
import { taskFileTargets } from './targets/task-file.js';
import { whenTargets } from './targets/when.js';

/** All that is given garbage: a few times by the tests, millions of times by `npm run fuzz`. */
export const TARGETS: readonly Target[] = [
  ...recordTargets(),
  ...nameTargets(),
  ...streamTargets(),
  ...sessionTargets(),
  ...settingsTargets(),
  ...taskFileTargets(),
  ...filterTargets(),
  ...whenTargets(),
  ...apiTargets(),
  ...accessTargets(),
];
