import { everyRuleHolds } from './run-seeds.js';

// Two files, so that they run beside each other.
everyRuleHolds(0, 1_000);
