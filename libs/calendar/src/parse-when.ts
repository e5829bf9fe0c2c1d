import { checkOptions, InvalidArgumentError, parseDuration } from '@drover/core';
import { pathOf } from './calendar.js';
import { parseCron } from './cron.js';
import { parseExclusion } from './exclusions.js';
import { parseInstant, toIso } from './text-times.js';
import type { When, WhenOptions } from './when.js';
import { zoneNamed, type Zone } from './zone.js';

const KINDS = ['cron', 'every', 'everyAfter', 'at'] as const;
const FIELDS = [...KINDS, 'phase', 'tz', 'dst', 'except', 'from', 'until', 'maxFires'];
const MOST_ENTRIES = 20;
const MOST_EXCLUSIONS = 20;
const SHORTEST_MS = 1_000;

type Given = Readonly<Record<string, unknown>>;

/**
 * `given` (an entry or a list of 1 to 20) checked and as it is stored. `argument` names it in errors, for example
 * `when`. Throws `InvalidArgumentError`, which names the entry and its field, what was given and what is expected.
 */
export function parseWhen(argument: string, given: unknown): When[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || list.length > MOST_ENTRIES)
    throw new InvalidArgumentError(argument, `${list.length} entries`, `1 to ${MOST_ENTRIES} entries`);
  const when = list.map((entry, index) => parseEntry(pathOf(argument, list, index), entry));
  if (when.length > 1 && when.some((entry) => 'everyAfter' in entry))
    throw new InvalidArgumentError(
      argument,
      `${argument}: everyAfter stands alone: other entries would fire beside it`,
    );
  return when;
}

function parseEntry(argument: string, given: unknown): When {
  checkOptions(given, FIELDS, argument);
  const entry = given as Given;
  const kinds = KINDS.filter((kind) => entry[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new InvalidArgumentError(argument, entry, `an object with one of ${KINDS.join(', ')}`);
  belongsTo(argument, entry, 'phase', 'every');
  belongsTo(argument, entry, 'dst', 'cron');
  const tz = parseZone(`${argument}.tz`, entry.tz ?? 'UTC');
  return { ...parseKind(argument, kind, entry, tz.zone), ...parseOptions(argument, entry, tz) };
}

function belongsTo(argument: string, entry: Given, field: string, kind: string): void {
  if (entry[field] === undefined || entry[kind] !== undefined) return;
  throw new InvalidArgumentError(`${argument}.${field}`, `${argument}.${field}: it belongs to an entry with ${kind}`);
}

function parseKind(argument: string, kind: (typeof KINDS)[number], entry: Given, zone: Zone): When {
  const path = `${argument}.${kind}`;
  if (kind === 'cron') return { cron: parseCron(path, entry.cron) };
  if (kind === 'at') return { at: toIso(parseInstant(path, entry.at, zone)) };
  const ms = parseDuration(path, entry[kind]);
  if (ms < SHORTEST_MS) throw new InvalidArgumentError(path, entry[kind], 'at least a second');
  if (kind === 'everyAfter') return { everyAfter: ms };
  const phase = parseDuration(`${argument}.phase`, entry.phase ?? 0) % ms;
  return { every: ms, ...(phase > 0 && { phase }) };
}

function parseOptions(argument: string, entry: Given, { name, zone }: { name: string; zone: Zone }): WhenOptions {
  const from = boundOf(argument, entry, 'from', zone);
  const until = boundOf(argument, entry, 'until', zone);
  if (from !== undefined && until !== undefined && from >= until)
    throw new InvalidArgumentError(`${argument}.until`, entry.until, `a time after from, which is ${from}`);
  const except = parseExceptions(`${argument}.except`, entry.except);
  return {
    ...(name !== 'UTC' && { tz: name }),
    ...(isLiteral(`${argument}.dst`, entry.dst) && { dst: 'literal' as const }),
    ...(except.length > 0 && { except }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(entry.maxFires !== undefined && { maxFires: parseMaxFires(`${argument}.maxFires`, entry.maxFires) }),
  };
}

function parseZone(argument: string, given: unknown): { name: string; zone: Zone } {
  const zone = typeof given === 'string' ? zoneNamed(given) : null;
  if (typeof given === 'string' && zone !== null) return { name: given, zone };
  throw new InvalidArgumentError(argument, given, `an IANA time zone such as Europe/Berlin${insteadOf(given)}`);
}

/** `+02:00` is no zone, for no place keeps its offset for ever; what is meant has a name, with the sign the other way. */
function insteadOf(given: unknown): string {
  const match = typeof given === 'string' ? /^(?:UTC|GMT)?([+-])0?(\d{1,2})(?::?00)?$/i.exec(given) : null;
  if (match === null) return '';
  const zone = `Etc/GMT${match[1] === '+' ? '-' : '+'}${match[2] ?? ''}`;
  return zoneNamed(zone) === null ? '' : `; use "${zone}" for a clock that never changes`;
}

function isLiteral(argument: string, given: unknown): boolean {
  if (given === undefined || given === 'once') return false;
  if (given === 'literal') return true;
  throw new InvalidArgumentError(argument, given, 'once or literal');
}

function boundOf(argument: string, entry: Given, field: 'from' | 'until', zone: Zone): string | undefined {
  return entry[field] === undefined ? undefined : toIso(parseInstant(`${argument}.${field}`, entry[field], zone));
}

function parseExceptions(argument: string, given: unknown): WhenOptions['except'] & object {
  if (given === undefined) return [];
  if (!Array.isArray(given)) return [parseExclusion(argument, given)];
  if (given.length > MOST_EXCLUSIONS)
    throw new InvalidArgumentError(argument, `${given.length} exclusions`, `at most ${MOST_EXCLUSIONS} exclusions`);
  return given.map((one, index) => parseExclusion(`${argument}[${index}]`, one));
}

function parseMaxFires(argument: string, given: unknown): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 1) return given;
  throw new InvalidArgumentError(argument, given, 'a whole number from 1');
}
