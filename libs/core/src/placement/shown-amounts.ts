import { formatAmount, isInBytes, UNIT, type Amounts } from './amounts.js';

/** Amounts in the units that people write: `{ cpu: 1.5, memory: '8GiB' }`. `parseAmounts` reads them. */
export type ShownAmounts = Readonly<Record<string, number | string>>;

export const shownAmount = (name: string, amount: number): number | string =>
  isInBytes(name) ? formatAmount(name, amount) : amount / UNIT;

export const shownAmounts = (amounts: Amounts): ShownAmounts =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, shownAmount(name, amount)]));
