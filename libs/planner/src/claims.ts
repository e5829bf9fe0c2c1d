import type { AccountSpec } from '@drover/core';
import type { Account } from './accounts.js';
import type { Assignment } from './assignments.js';
import type { State } from './state.js';
import type { SubQueue } from './sub-queue.js';

/**
 * The claims of accounts, and of floating resources: they follow from the assignments that there are, and change in the
 * moment in which tasks go out or come back. So a burst within one plan is seen, and a new leader counts the same.
 */

/** Places that tasks of the assignment claim while so many of them have not ended. */
const placesClaimed = ({ fact: { width } }: Assignment, open: number): number =>
  width === undefined ? open : Math.min(width, open);

/** `before` of its tasks had not ended until now; see `open`. */
export function countClaims(state: State, assignment: Assignment, before: number): void {
  const { sub, worker, open, claim, fact } = assignment;
  const { accounts, quotas, plainPlaces } = state;
  const { account } = sub.queue;
  if (fact.width === undefined) {
    if (accounts.isAlone) return;
    account.plainOut += open - before;
    plainPlaces.moved(worker, account, open - before, assignment.loadUs);
    quotas.claimed(account, claim, open - before);
    return;
  }
  const places = placesClaimed(assignment, open) - placesClaimed(assignment, before);
  if (places === 0) return;
  account.claim(claim, places);
  quotas.claimed(account, claim, places);
  account.refresh();
}

/** Some queue belongs to another account, or other things are counted than before. */
export function recountClaims(state: State): void {
  const { accounts, quotas, plainPlaces, assignments } = state;
  for (const account of accounts.all()) account.clear();
  quotas.clear();
  plainPlaces.clear();
  for (const assignment of assignments.all()) countClaims(state, assignment, 0);
  for (const account of accounts.all()) account.countWaiting(subsOf(account));
  quotas.mayBeExceeded = true;
}

/** It has come, or gone, or has more or less than it had: what there is for all is counted anew. */
export function countWorker({ workers, placement, accounts, quotas, plainPlaces }: State, id: string): void {
  const worker = workers.get(id);
  accounts.totals.set(id, worker?.isUsable === true ? placement.capacityOf(worker) : null);
  if (worker !== undefined) plainPlaces.look(worker);
  quotas.totalsChanged();
}

/** `null`: nobody declares the account any more. */
export function declareAccount(state: State, name: string, spec: AccountSpec | null): void {
  state.accounts.declare(name, spec);
  state.quotas.accountsChanged();
  recountClaims(state);
}

/** `null`: there is no such floating resource any more. */
export function declareFloating(state: State, name: string, total: number | null): void {
  const { quotas, workers } = state;
  const wasFloating = quotas.isFloating(name);
  quotas.setFloating(name, total);
  if (wasFloating !== (total !== null)) workers.floatingChanged(name);
  recountClaims(state);
}

function* subsOf({ seats }: Account): Generator<SubQueue> {
  for (const { queues } of seats) for (const queue of queues) yield* queue.subs();
}
