import test from 'ava';
import { ABLATION_NAMES, simulate, type AblationName } from '../src/index.js';

/** The first seed, for those that few worlds show: so the tests need few. A thousand from any seed on show them too. */
const BEGINS: Partial<Record<AblationName, number>> = {
  'epoch check': 20,
  lease: 30,
  'counts at a takeover': 92,
  'draft with its assignment': 2_017,
  'closed broadcasts': 2_022,
  'names of a broadcast': 14,
  'signal before the end': 11,
  'limits of accounts': 11,
  'totals of floating resources': 74,
  'tasks apart': 45,
};
/** From there all are noticed within forty worlds as this is written. */
const NOTICED_WITHIN = 1_000;

for (const without of ABLATION_NAMES) {
  test.serial(`without '${without}' a rule is broken`, async (t) => {
    const first = BEGINS[without] ?? 1;
    for (let seed = first; seed < first + NOTICED_WITHIN; seed++) {
      const { findings } = await simulate({ seed, without });
      if (findings.length > 0) {
        t.log(`seed ${seed}: ${findings[0] ?? ''}`);
        return t.pass();
      }
    }
    return t.fail(`${NOTICED_WITHIN} seeds, and nobody noticed`);
  });
}
