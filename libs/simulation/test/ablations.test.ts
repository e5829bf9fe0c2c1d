import test from 'ava';
import { ABLATION_NAMES, simulate } from '../src/index.js';

/** All are noticed within thirty worlds as this is written. */
const NOTICED_WITHIN = 1_000;

for (const without of ABLATION_NAMES) {
  test.serial(`without '${without}' a rule is broken`, async (t) => {
    for (let seed = 1; seed <= NOTICED_WITHIN; seed++) {
      const { findings } = await simulate({ seed, without });
      if (findings.length > 0) {
        t.log(`seed ${seed}: ${findings[0] ?? ''}`);
        return t.pass();
      }
    }
    return t.fail(`${NOTICED_WITHIN} seeds, and nobody noticed`);
  });
}
