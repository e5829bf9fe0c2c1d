import type { Amounts } from '@drover/core';
import type { WorkClass } from './classes.js';
import type { AssignmentFact } from './model.js';

/** A task of which nobody says what it needs takes one place of a worker. */
const PLAIN: Amounts = Object.freeze({ slots: 1_000 });

/** Needed by each task of the class that runs. */
export const demandOf = ({ placement }: WorkClass): Amounts => placement?.demand ?? PLAIN;

/** Its tasks claim something only while they run, as far as the width of their assignments goes. */
export const hasWidth = ({ placement }: WorkClass): boolean => placement !== null;

/** Claimed by each place of the assignment: what was asked of its worker, and floating resources, which no worker has. */
export function claimOf(
  { width, use }: AssignmentFact,
  workClass: WorkClass,
  isFloating: (resource: string) => boolean,
): Amounts {
  if (width === undefined) return PLAIN;
  const demand = demandOf(workClass);
  if (use === undefined) return demand;
  const floating = Object.entries(demand).filter(([resource]) => isFloating(resource));
  return floating.length === 0 ? use : { ...use, ...Object.fromEntries(floating) };
}
