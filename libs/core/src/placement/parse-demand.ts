import { InvalidArgumentError } from '../errors.js';
import { parseAmounts, SLOTS, UNIT, type Amounts } from './amounts.js';

/** A part of a device is 1/k of it, with k up to this. */
const MOST_PARTS = 16;

/**
 * A resource whose amounts are devices: a worker may name them, and a task has whole ones, or a part of one.
 */
export const isDevice = (name: string): boolean =>
  name === 'gpu' || name.startsWith('gpu.') || name.startsWith('device.');

/** 1/k of one device in thousandths, rounded down, so that k of them fit. */
const partOf = (k: number): number => Math.floor(UNIT / k);

/**
 * The resources that one task needs: those of `given`; `slots` counts as 1 where it is left out. Throws
 * `InvalidArgumentError`: for parts of devices that are no 1/k of one, and for a task that would need nothing at all.
 */
export function parseDemand(argument: string, given: unknown): Amounts {
  const demand = parseAmounts(argument, rounded(given));
  for (const [name, amount] of Object.entries(demand)) if (isDevice(name)) checkDevices(`${argument}.${name}`, amount);
  const named = Object.entries(demand).filter(([name, amount]) => name !== SLOTS && amount > 0);
  if (demand[SLOTS] === 0 && named.length === 0)
    throw new InvalidArgumentError(argument, given, 'slots=0 only beside another resource, for it would need nothing');
  return demand;
}

/** A third of a device is written with many decimals: what is within a thousandth of 1/k is 1/k. */
function rounded(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, amount]: [string, unknown]) => [
      name,
      isDevice(name) && typeof amount === 'number' && amount > 0 && amount < 1 ? nearPart(amount) : amount,
    ]),
  );
}

function nearPart(amount: number): number {
  const k = Math.round(1 / amount);
  return Math.abs(1 / k - amount) <= 0.001 ? partOf(k) / UNIT : amount;
}

function checkDevices(argument: string, amount: number): void {
  if (amount % UNIT === 0) return;
  const parts = Array.from({ length: MOST_PARTS }, (_, at) => at + 1);
  if (parts.some((k) => partOf(k) === amount)) return;
  if (amount > UNIT)
    throw new InvalidArgumentError(argument, amount / UNIT, 'whole devices, or a part of one: never parts of two');
  const near = parts
    .sort((a, b) => Math.abs(partOf(a) - amount) - Math.abs(partOf(b) - amount))
    .slice(0, 3)
    .sort((a, b) => a - b)
    .map((k) => (k === 1 ? '1' : `${partOf(k) / UNIT} (1/${k})`));
  throw new InvalidArgumentError(
    argument,
    amount / UNIT,
    `1/k of a device, k from 1 to ${MOST_PARTS}; near it are ${near.join(', ')}`,
  );
}

/** The demand that a task has, with the slot that it needs if it does not say otherwise. */
export const withSlots = (demand: Amounts | null): Amounts =>
  demand?.[SLOTS] === undefined ? { ...demand, [SLOTS]: UNIT } : demand;
