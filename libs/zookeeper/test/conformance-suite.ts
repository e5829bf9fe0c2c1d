import test from 'ava';
import { laws, tryLaw } from '../src/conformance/index.js';
import { realWorld, type OpenHandle } from './real-world.js';

/** Declares one test for each law. One driver a file: a crash of the native one then fails its own tests only. */
export function testConformance(open: OpenHandle): void {
  for (const [group, members] of Object.entries(laws)) {
    for (const law of members) {
      test(`${group}: ${law.name}`, async (t) => {
        const world = await realWorld(t, open);
        await t.notThrowsAsync(tryLaw(law, world));
      });
    }
  }
}
