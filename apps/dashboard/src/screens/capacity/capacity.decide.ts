import type { Shape } from '@drover/api';
import { parseAmount } from '@drover/core';

export type Capacity = Shape<'capacity'>;
export type Account = Shape<'accountUse'>;
export type StuckClass = Capacity['classes'][number];
type Amount = number | string;

/** A resource as a row, with the parts of its bar: each from 0 to 1, together 1 at most. */
export interface ResourceRow {
  readonly name: string;
  readonly capacity: Amount;
  readonly claimed: Amount;
  /** Null: nobody knows, for it belongs to no worker. */
  readonly used: Amount | null;
  readonly free: Amount;
  /** Used of what is claimed. */
  readonly usedPart: number;
  /** Claimed and not used. */
  readonly heldPart: number;
  /** Used beyond what is claimed. */
  readonly beyondPart: number;
}

export const rowsOfPool = ({ resources }: Capacity['pools'][number]): ResourceRow[] =>
  Object.entries(resources).map(([name, amounts]) => ({ name, ...amounts, ...partsOf(name, amounts) }));

export const floatingRows = ({ floating }: Capacity): ResourceRow[] =>
  floating.map(({ resource: name, total: capacity, claimed, free }) => ({
    ...{ name, capacity, claimed, used: null, free },
    ...partsOf(name, { capacity, claimed, used: claimed }),
  }));

function partsOf(
  name: string,
  given: { capacity: Amount; claimed: Amount; used: Amount },
): Pick<ResourceRow, 'usedPart' | 'heldPart' | 'beyondPart'> {
  const [capacity, claimed, used] = [given.capacity, given.claimed, given.used].map((each) => sizeOf(name, each));
  const part = (amount = 0): number => (capacity === undefined || capacity === 0 ? 0 : Math.min(1, amount / capacity));
  const [claims, uses] = [part(claimed), part(used)];
  return {
    usedPart: Math.min(claims, uses),
    heldPart: Math.max(0, claims - uses),
    beyondPart: Math.max(0, uses - claims),
  };
}

/** Amounts of one resource, such as `8GiB`, on one scale. */
const sizeOf = (name: string, amount: Amount): number => parseAmount(name, name, amount);

/** An account as a row. */
export interface AccountRow extends Account {
  /** Its part of the resource of which its tasks hold the largest part; null: nobody knows. */
  readonly part: number | null;
  /** The part that its weight gives it beside the others that hold something or wait. */
  readonly fairPart: number;
}

/** The largest part first. */
export function accountRows(accounts: readonly Account[]): AccountRow[] {
  const isActive = ({ share, pending }: Account): boolean => (share ?? 0) > 0 || (pending ?? 0) > 0;
  const weights = accounts.filter(isActive).reduce((sum, { weight }) => sum + weight, 0);
  return accounts
    .map((account) => ({
      ...account,
      part: account.share === null ? null : account.share * account.weight,
      fairPart: isActive(account) ? account.weight / weights : 0,
    }))
    .sort((a, b) => (b.part ?? 0) - (a.part ?? 0) || (a.account < b.account ? -1 : 1));
}

/** `cpu 2, memory 8GiB`; nothing: a dash. */
export const amountsText = (amounts: Readonly<Record<string, Amount>> | null): string =>
  Object.entries(amounts ?? {})
    .map(([name, amount]) => `${name} ${amount}`)
    .join(', ') || '–';

/** How many workers each condition excludes, each by itself: `8 lack gpu`, `40 by zone`, `1 draining`. The most first. */
export function excludedBy({ workers: { filtered } }: StuckClass): string[] {
  const found = Object.entries(filtered).flatMap(([condition, given]): [number, string][] => {
    if (typeof given === 'number') return [[given, condition.replaceAll('-', ' ')]];
    if (typeof given !== 'object' || given === null) return [];
    return Object.entries(given as Record<string, unknown>).flatMap(([name, count]): [number, string][] =>
      typeof count === 'number' ? [[count, `${WORDS[condition] ?? condition} ${name}`]] : [],
    );
  });
  return found
    .filter(([count]) => count > 0)
    .sort(([a], [b]) => b - a)
    .map(([count, text]) => `${count.toLocaleString('en')} ${text}`);
}

/** Of `why`'s conditions that name something. */
const WORDS: Readonly<Record<string, string>> = { lacks: 'lack', label: 'by label', full: 'full of' };
