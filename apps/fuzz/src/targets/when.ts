import { checkFires, parseWhen } from '@drover/calendar';
import { InvalidArgumentError } from '@drover/core';
import fc from 'fast-check';
import { damaged, utf8 } from '../mutations.js';
import type { Target } from '../target.js';

const GOOD = [
  '0 0 30 2 * MON-FRI',
  'H(0-29)/7 */2 L,15W JAN-MAR +FRI#2',
  '@daily',
  '2026-12-24..2026-12-31',
  '22:00-06:00',
  '2026-03-29T01:00:00.5+02:00',
  'Europe/Berlin',
  '1.5h',
];
const decoder = new TextDecoder();
const text = fc.oneof(
  fc.constantFrom(...GOOD),
  damaged(fc.constantFrom(...GOOD).map(utf8)).map((bytes) => decoder.decode(bytes)),
  fc
    .array(fc.constantFrom('*', '/', '-', ',', '0', '7', '59', 'L', 'W', '#', 'H', '(', ')', ' ', 'MON', '?'), {
      maxLength: 14,
    })
    .map((parts) => parts.join('')),
);
const value = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.double(),
  fc.integer(),
  fc.constant({ calendar: 'a' }),
  fc.jsonValue({ maxDepth: 1 }),
);
const field = fc.oneof({ weight: 5, arbitrary: value }, fc.array(value, { maxLength: 3 }));
const entry = fc.record(
  {
    ...{ cron: field, every: field, everyAfter: field, at: field, phase: field, tz: field },
    ...{ dst: field, except: field, from: field, until: field, maxFires: field },
  },
  { requiredKeys: [] },
);
const given = fc.oneof(
  fc.record({ cron: text, tz: fc.constantFrom('UTC', 'Pacific/Apia') }),
  fc.record({ every: fc.constant('1s'), except: fc.array(text, { maxLength: 3 }) }),
  entry,
  fc.array(entry, { maxLength: 3 }),
);
/** Some pieces take a search of ten years. */
const SHARE = 0.1;

/** A `when` is refused, or is stored, read again as the same, and fires. */
export function whenTargets(): Target[] {
  return [{ name: 'when', share: SHARE, property: fc.property(given, checkWhen) }];
}

function checkWhen(when: unknown): void {
  try {
    const stored = parseWhen('when', when);
    const again = parseWhen('when', JSON.parse(JSON.stringify(stored)));
    if (JSON.stringify(again) !== JSON.stringify(stored))
      throw new Error(`${JSON.stringify(stored)} is read otherwise`);
    checkFires('when', stored, { after: Date.UTC(2026, 0, 1), name: 'nightly' });
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
  }
}
