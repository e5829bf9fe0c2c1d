import { InvalidArgumentError } from '../errors.js';
import type { Shape } from '../shapes.js';

/**
 * Amounts of resources by name, whole numbers: `memory` and `disk` in bytes, all others in thousandths, so `cpu: 1500` is
 * one and a half, `gpu: 1000` one device, and `slots: 1000` one of the places that `--concurrency` gives a worker.
 */
export type Amounts = Readonly<Record<string, number>>;

/** Amounts as somebody gives them: `{ cpu: 1.5, memory: '8GiB', gpu: 1 }`. */
export type GivenAmounts = Readonly<Record<string, number | string>>;

/** The resource that every worker has: as much as its concurrency. A task that says nothing of it needs one. */
export const SLOTS = 'slots';
/** One, of a resource that is counted in thousandths. */
export const UNIT = 1_000;
/** Resources that one task, worker or account may name. */
export const MOST_RESOURCES = 16;

export const AMOUNTS_SHAPE: Shape = {
  kind: 'by-name',
  of: { kind: 'whole', min: 0, max: Number.MAX_SAFE_INTEGER },
  most: MOST_RESOURCES,
};

const RESOURCE_NAME = /^[a-z][a-z0-9.-]{0,62}$/;
const IN_BYTES: ReadonlySet<string> = new Set(['memory', 'disk']);
const UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  B: 1,
};

/** Whether amounts of it are bytes. */
export const isInBytes = (name: string): boolean => IN_BYTES.has(name);

/** Throws `InvalidArgumentError`. */
export function parseResourceName(argument: string, given: unknown): string {
  if (typeof given === 'string' && RESOURCE_NAME.test(given)) return given;
  throw new InvalidArgumentError(
    argument,
    given,
    'the name of a resource: small letters, digits, "." and "-", at most 63, beginning with a letter, such as cpu or licence.x',
  );
}

/** Of one resource; 0 is an amount. `argument` names it in errors. Throws `InvalidArgumentError`. */
export function parseAmount(argument: string, name: string, given: unknown): number {
  const amount = isInBytes(name) ? bytesOf(given) : thousandthsOf(given);
  if (amount !== null && Number.isSafeInteger(amount)) return amount;
  throw new InvalidArgumentError(argument, given, isInBytes(name) ? BYTES : THOUSANDTHS);
}

const BYTES = 'whole bytes, or with a unit such as 512MiB or 8GiB, below 8 PiB and not negative';
const THOUSANDTHS = 'a number from 0 with three decimals at most, such as 2 or 0.5';

function bytesOf(given: unknown): number | null {
  if (typeof given === 'number') return Number.isInteger(given) && given >= 0 ? given : null;
  const parts = typeof given === 'string' ? /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(given.trim()) : null;
  const unit = parts === null ? undefined : parts[2] === '' ? 1 : UNITS[parts[2] ?? ''];
  if (parts === null || unit === undefined) return null;
  const bytes = Number(parts[1]) * unit;
  return Number.isInteger(bytes) ? bytes : unit === 1 ? null : Math.round(bytes);
}

function thousandthsOf(given: unknown): number | null {
  const number = typeof given === 'string' && /^\d+(\.\d+)?$/.test(given.trim()) ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return null;
  return Number(number.toFixed(3)) === number ? Math.round(number * UNIT) : null;
}

/** Amounts by name; sorted. `argument` names them in errors. Throws `InvalidArgumentError`. */
export function parseAmounts(argument: string, given: unknown): Amounts {
  const entries: [string, unknown][] =
    typeof given === 'string' ? amountsOfText(argument, given) : entriesOf(argument, given);
  if (entries.length > MOST_RESOURCES)
    throw new InvalidArgumentError(argument, `${entries.length} resources`, `${MOST_RESOURCES} at most`);
  const amounts = entries.map(([name, amount]): [string, number] => {
    parseResourceName(argument, name);
    return [name, parseAmount(`${argument}.${name}`, name, amount)];
  });
  return Object.freeze(Object.fromEntries(amounts.sort(([a], [b]) => (a < b ? -1 : 1))));
}

const EXPECTED = "amounts of resources such as { cpu: 2, memory: '8GiB' }";

function entriesOf(argument: string, given: unknown): [string, unknown][] {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return Object.entries(given);
  throw new InvalidArgumentError(argument, given, EXPECTED);
}

/** `cpu=2,memory=8GiB`. A name that stands there twice is refused. */
function amountsOfText(argument: string, given: string): [string, string][] {
  const entries = given.split(',').map((part): [string, string] => {
    const at = part.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(argument, given, 'NAME=AMOUNT,NAME=AMOUNT such as cpu=2,memory=8GiB');
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
  const twice = entries.find(([name], at) => entries.findIndex(([other]) => other === name) < at);
  if (twice !== undefined) throw new InvalidArgumentError(argument, given, `'${twice[0]}' once`);
  return entries;
}

/** `8GiB`, `1.5`: as `parseAmount` reads it. */
export function formatAmount(name: string, amount: number): string {
  if (!isInBytes(name)) return String(amount / UNIT);
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find(
    (each) => amount >= (UNITS[each] ?? 1) && isShort(amount, UNITS[each] ?? 1),
  );
  return unit === undefined ? String(amount) : `${amount / (UNITS[unit] ?? 1)}${unit}`;
}

/** It has one decimal at most. */
const isShort = (amount: number, unit: number): boolean => Number.isInteger((amount / unit) * 10);

/** `cpu=2,memory=8GiB`: as `parseAmounts` reads it. */
export const formatAmounts = (amounts: Amounts): string =>
  Object.entries(amounts)
    .map(([name, amount]) => `${name}=${formatAmount(name, amount)}`)
    .join(',');

export function sameAmounts(a: Amounts | null, b: Amounts | null): boolean {
  if (a === null || b === null) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
