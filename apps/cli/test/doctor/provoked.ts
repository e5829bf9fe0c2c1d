import test from 'ava';
import { examine, type Check, type Severity } from '../../src/doctor/check.js';
import type { Facts } from '../../src/doctor/facts.js';

/** For each check: facts that provoke it, its result, and a part of its sentence. */
export type Provoked = Readonly<Record<string, readonly [facts: Facts, result: Severity, text: RegExp][]>>;

/** Tests that every check of the list is provoked, and no other, and that each says what it found and the cure. */
export function testProvoked(checks: readonly Check[], provoked: Provoked): void {
  test('every check of this area is provoked, and no other', (t) => {
    t.deepEqual(
      Object.keys(provoked),
      checks.map(({ code }) => code),
    );
  });
  for (const [code, cases] of Object.entries(provoked))
    test(`check ${code}`, (t) => {
      for (const [facts, result, text] of cases) {
        const [first] = examine(checks, facts).filter((finding) => finding.code === code);
        t.is(first?.result, result, first?.text);
        t.regex(first?.text ?? '', text);
        t.truthy(first?.cure);
      }
    });
}
