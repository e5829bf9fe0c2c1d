import test from 'ava';
import { Zone, zoneNamed } from './zone.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of a span that the table reads at once. */
const SPAN_MS = 730 * DAY_MS;

/** `changes`: from when on, which offset. */
function zoneOf(...changes: [start: number, offset: number][]): Zone {
  return new Zone((instant) => changes.findLast(([start]) => start <= instant)?.[1] ?? 0);
}

test('a change exactly where a span begins', (t) => {
  const zone = zoneOf([SPAN_MS, HOUR_MS]);
  t.like(zone.pieceAt(SPAN_MS - 1), { end: SPAN_MS, offset: 0 });
  t.like(zone.pieceAt(SPAN_MS), { start: SPAN_MS, offset: HOUR_MS, before: 0 });
  t.is(zone.instantOf(SPAN_MS + HOUR_MS / 2), SPAN_MS, 'in the gap');
});

test('several changes within the five days of a sample, to the second', (t) => {
  const [first, second] = [10 * DAY_MS + 1_000, 11 * DAY_MS + 59_000];
  const zone = zoneOf([first, HOUR_MS], [second, 2 * HOUR_MS]);
  t.like(zone.pieceAt(first), { start: first, end: second, before: 0 });
  t.like(zone.pieceAt(second), { start: second, before: HOUR_MS, offset: 2 * HOUR_MS });
});

test('a gap of three hours ends at an instant, a longer one has none', (t) => {
  t.is(zoneOf([DAY_MS, 3 * HOUR_MS]).instantOf(DAY_MS + HOUR_MS), DAY_MS);
  t.is(zoneOf([DAY_MS, 3 * HOUR_MS + 1_000]).instantOf(DAY_MS + HOUR_MS), null);
});

test('a span is read once', (t) => {
  let asked = 0;
  const zone = new Zone(() => {
    asked++;
    return 0;
  });
  for (let n = 0; n < 1_000; n++) zone.instantOf(DAY_MS + ((n * 7_919) % 700) * DAY_MS);
  t.true(asked < 200, String(asked));
});

test('names: aliases, any case; offsets are none', (t) => {
  t.is(zoneNamed('US/Eastern')?.pieceAt(0).offset, -5 * HOUR_MS);
  t.is(zoneNamed('europe/berlin')?.pieceAt(0).offset, HOUR_MS);
  t.is(zoneNamed('Etc/GMT-2')?.pieceAt(0).offset, 2 * HOUR_MS);
  t.is(zoneNamed('Africa/Monrovia')?.pieceAt(0).offset, -(44 * 60 + 30) * 1_000);
  for (const name of ['+02:00', '-05', 'UTC+2', '', 'Berlin']) t.is(zoneNamed(name), null, name);
});
