import type { Amounts } from '@drover/core';
import type { Account } from './accounts.js';
import { demandOf } from './demands.js';
import type { State } from './state.js';

/** An account as people see it. Amounts: bytes of memory and disk, thousandths of all else. */
export interface AccountUse {
  readonly account: string;
  readonly weight: number;
  /** Its dominant share of what there is, over its weight; with what is remembered of the past. */
  readonly share: number;
  readonly held: Amounts;
  readonly guarantee: Amounts;
  readonly limit: Amounts;
  /** Others may use what it does not, of what it is guaranteed. */
  readonly lend: boolean;
  /** Its tasks wait, and it holds less than it is guaranteed. */
  readonly isBelow: boolean;
  /** Tasks that are due and not out. */
  readonly pending: number;
}

/** Accounts that are declared, or have a queue. */
export function accountUses(state: State): AccountUse[] {
  const { accounts } = state;
  return [...accounts.all()]
    .map((account) => ({
      account: account.name,
      weight: account.spec.weight,
      share: accounts.isAlone ? aloneShare(state) : account.measure,
      held: accounts.isAlone ? heldAlone(state, account) : account.held,
      guarantee: account.spec.guarantee,
      limit: account.spec.limit,
      lend: account.spec.lend,
      isBelow: account.isBelow,
      pending: pendingOf(account),
    }))
    .sort((a, b) => b.share - a.share || (a.account < b.account ? -1 : 1));
}

/** The places of an account that is alone are not counted one by one: it has all that are taken. */
function heldAlone(state: State, account: Account): Amounts {
  const slots = placesTaken(state);
  return slots > 0 ? { ...account.held, slots } : account.held;
}

function aloneShare(state: State): number {
  const { accounts } = state;
  const [account] = accounts.all();
  const slots = placesTaken(state) - (account?.heldOf('slots') ?? 0);
  return account?.shareWith({ slots: Math.max(0, slots) }) ?? 0;
}

function placesTaken({ workers }: State): number {
  let taken = 0;
  for (const { gone, capacity, out } of workers.all()) if (!gone) taken += Math.min(capacity, out);
  return taken * 1_000;
}

function pendingOf({ seats }: Account): number {
  let pending = 0;
  for (const { queues } of seats) for (const queue of queues) pending += queue.pending + queue.suspects;
  return pending;
}

/** A floating resource, in thousandths. */
export interface FloatingUse {
  readonly name: string;
  readonly total: number;
  readonly claimed: number;
  /** Tasks that are due, not out, and demand it. */
  readonly waiting: number;
}

export function floatingUses({ quotas, classes }: State): FloatingUse[] {
  const waiting = new Map<string, number>();
  for (const workClass of classes.all())
    for (const resource in demandOf(workClass)) waiting.set(resource, (waiting.get(resource) ?? 0) + workClass.pending);
  return [...quotas.floating()]
    .map(({ resource: name, total, claimed }) => ({ name, total, claimed, waiting: waiting.get(name) ?? 0 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** More is guaranteed of a resource than there is: each account is guaranteed its part of it. */
export interface GuaranteedTooMuch {
  readonly resource: string;
  readonly guaranteed: number;
  readonly total: number;
}

export function guaranteedTooMuch({ accounts }: State): GuaranteedTooMuch[] {
  const resources = new Set([...accounts.all()].flatMap(({ spec }) => Object.keys(spec.guarantee)));
  return [...resources]
    .filter((resource) => accounts.guaranteeScale(resource) < 1)
    .sort()
    .map((resource) => ({
      resource,
      guaranteed: accounts.guaranteed(resource),
      total: accounts.totals.of(resource),
    }));
}

/** The room of a worker is kept for tasks that have waited long enough for it. */
export interface ReservationView {
  readonly worker: string;
  readonly account: string;
  readonly queue: string;
  readonly type: string;
  /** When the worker is expected to be free for it; null: nobody can tell. */
  readonly from: number | null;
}

export function reservationViews({ rooms }: State): ReservationView[] {
  return [...rooms.all()].flatMap(({ worker, workClass, from, why }) => {
    const [sub] = workClass.subs;
    if (why !== 'reservation' || sub === undefined) return [];
    const { queue } = sub;
    return [{ worker: worker.id, account: queue.account.name, queue: queue.name, type: workClass.type, from }];
  });
}
