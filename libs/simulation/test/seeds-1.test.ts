import { everyRuleHolds } from './run-seeds.js';

// Two files, so that they run beside each other. Enough to see at once what is broken: most safeguards that are
// missing are noticed within thirty worlds (ablations.test.ts). The long run is `npm run simulate -- --seeds 5000`, each night from
// where the last one ended (docs/simulation.md).
everyRuleHolds(0, 40);
