import { everyRuleHolds } from './run-seeds.js';

everyRuleHolds(1_000, 1_040);
