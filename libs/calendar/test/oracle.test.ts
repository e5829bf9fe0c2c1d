import test from 'ava';
import { compile, parseWhen, type WhenEntry } from '../src/index.js';
import { zoneNamed } from '../src/zone.js';
import { firesOf, HOUR_MS, MINUTE_MS, patternsAround, WallClock, type Said } from './oracle.js';

/**
 * The module beside brute force, around changes of the clocks of every zone that `Intl` knows. By default around one of
 * each shape (offsets before and after, time of the day: some 240); DROVER_CALENDAR_ORACLE=full takes every change that
 * happened (zones that changed at the same instant by the same offsets are one), and looks every twelve hours for
 * changes that the module does not know.
 */
const isFull = process.env.DROVER_CALENDAR_ORACLE === 'full';
const FROM = Date.UTC(1970, 0, 2);
const TO = Date.UTC(2038, 0, 1);
const AROUND_MS = 4 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;

interface Change {
  zone: string;
  instant: number;
  before: number;
  after: number;
}

const zones = Intl.supportedValuesOf('timeZone');
/** A test takes so many zones: one that took all would look as if it hung. */
const GROUP = 20;

function* changesOf(names: readonly string[]): Generator<Change> {
  for (const name of names) {
    const zone = zoneNamed(name)!;
    for (let piece = zone.pieceAt(FROM); piece.end < TO; piece = zone.pieceAt(piece.end))
      if (piece.offset !== piece.before && piece.start >= FROM)
        yield { zone: name, instant: piece.start, before: piece.before, after: piece.offset };
  }
}

/** The shapes that have been checked, in whichever zone. */
const seen = new Set<string>();

function isNew({ instant, before, after }: Change): boolean {
  const timeOfDay = (instant + before + DAY_MS) % DAY_MS;
  const shape = `${before} ${after} ${isFull ? instant : timeOfDay}`;
  const isNew = !seen.has(shape);
  seen.add(shape);
  return isNew;
}

for (let first = 0; first < zones.length; first += GROUP) {
  const names = zones.slice(first, first + GROUP);
  test.serial(`brute force over Intl finds the same fires: ${names[0]} to ${names.at(-1)}`, (t) => {
    for (const change of changesOf(names)) if (isNew(change)) for (const wrong of wrongAround(change)) t.fail(wrong);
    t.pass();
  });
}

test.serial('there were changes of the clocks of all kinds', (t) => {
  t.log(`${seen.size} changes, each with 46 patterns or more`);
  t.true(seen.size > 200);
});

/** In words. */
function* wrongAround({ zone, instant, before, after }: Change): Generator<string> {
  const slack = AROUND_MS + Math.abs(after - before);
  // Whole minutes: some changes are at a second in between.
  const [from, to] = [instant - slack, instant + slack].map((ms) => Math.floor(ms / MINUTE_MS) * MINUTE_MS) as [
    number,
    number,
  ];
  const readings = new WallClock(zone).readings(from, to);
  for (const said of patternsAround(instant + before, instant + after)) {
    const calendar = compile(parseWhen('when', whenOf(said, zone)));
    const expected = firesOf(said, readings);
    const fires = calendar.between(from, to, 10_000);
    const where = `${zone} ${new Date(instant).toISOString()} "${said.text}" ${said.isOnce ? 'once' : 'literal'}`;
    if (fires.join() !== expected.join()) yield `${where}: ${shown(fires)} instead of ${shown(expected)}`;
    // From whichever instant somebody asks: never anything but the first one after it.
    for (let at = from; at < to; at += 37 * MINUTE_MS) {
      const next = expected.find((fire) => fire > at);
      if (next !== undefined && calendar.next(at) !== next) yield `${where}: wrong after ${new Date(at).toISOString()}`;
    }
  }
}

function whenOf({ text, isOnce }: Said, tz: string): WhenEntry {
  return { cron: text, tz, ...(!isOnce && { dst: 'literal' as const }) };
}

function shown(fires: readonly number[]): string {
  const texts = fires.map((fire) => new Date(fire).toISOString());
  return texts.length > 20 ? `${texts.length}: ${texts.slice(0, 20).join(' ')} ...` : texts.join(' ');
}

const [STEP_MS, looked] = isFull ? [DAY_MS / 2, zones] : [DAY_MS, zones.filter((_, index) => index % 40 === 0)];

for (let first = 0; first < looked.length; first += GROUP) {
  const names = looked.slice(first, first + GROUP);
  test.serial(`the module knows every change that Intl shows: ${names[0]} to ${names.at(-1)}`, (t) => {
    for (const name of names) {
      const clock = new WallClock(name);
      const zone = zoneNamed(name)!;
      for (let instant = FROM; instant < TO; instant += STEP_MS)
        if (clock.at(instant) - instant !== zone.pieceAt(instant).offset)
          t.fail(`${name} at ${new Date(instant).toISOString()}`);
    }
    t.pass();
  });
}
