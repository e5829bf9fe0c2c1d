import { zone } from '../data/settings.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `912,334`. */
export const count = (value: number): string => whole.format(value);

/** `1 task`, `412 tasks`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** `0.4`, `9,100` of something a second; one digit behind the point below 100. */
export const rate = (perSecond: number): string => (perSecond < 100 ? precise : whole).format(perSecond);

export function percent(part: number, of: number): string {
  return of === 0 ? '0%' : `${whole.format((part / of) * 100)}%`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** In the two largest units: `850 ms`, `12 s`, `4 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  const rest = Math.max(0, ms);
  if (rest < 1_000) return `${Math.round(rest)} ms`;
  const at = UNITS.findIndex(([, size]) => rest >= size);
  const [unit, size] = UNITS[at] ?? UNITS[3];
  if (unit === 's') return `${rest < 10_000 ? precise.format(rest / 1_000) : Math.floor(rest / 1_000)} s`;
  const next = UNITS[at + 1];
  const more = next === undefined ? 0 : Math.floor((rest % size) / next[1]);
  const first = `${Math.floor(rest / size)} ${unit}`;
  return next === undefined || more === 0 ? first : `${first} ${more} ${next[0]}`;
}

/** In the largest unit: `12 s`, `4 min`, `3 h`, `2 d`. */
export function roughly(ms: number): string {
  const rest = Math.max(0, ms);
  const [unit, size] = UNITS.find(([, each]) => rest >= each) ?? UNITS[3];
  return `${Math.floor(rest / size)} ${unit}`;
}

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `64 kB`, in steps of 1,024. */
export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log(value) / Math.log(1_024)));
  return `${precise.format(value / 1_024 ** step)} ${BYTES[step] ?? 'B'}`;
}

/** `2026-11-29 14:02:07`, in the zone that the user has chosen; with milliseconds if wanted. */
export function absolute(at: number, { ms = false } = {}): string {
  const isUtc = zone.value === 'utc';
  const shifted = new Date(isUtc ? at : at - new Date(at).getTimezoneOffset() * 60_000);
  const text = shifted.toISOString().replace('T', ' ');
  return `${text.slice(0, ms ? 23 : 19)}${isUtc ? ' UTC' : ''}`;
}

/** `14:02:07`. */
export const timeOfDay = (at: number): string => absolute(at).slice(11, 19);

/** Text in one line of so many characters at most. */
export function shortened(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
