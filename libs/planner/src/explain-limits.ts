import { splitLimitRef, taskId } from '@drover/core';
import type { Reason } from './explain.js';
import type { LimitKey } from './limits.js';
import { FloatingQuota, LimitQuota, UnlentQuota, type QuotaKey } from './quotas.js';
import type { State } from './state.js';
import { PLACE, type BatchState } from './tasks.js';

/** The limits that have no room for the task, its sequence if it is not its turn, and limits that nobody has declared. */
export function limitReasons(state: State, batch: BatchState, index: number, now: number): Reason[] {
  const { guard } = batch.runAt(index).sub;
  const undeclared = undeclaredOf(state, batch, index);
  if (guard === null) return undeclared;
  const keys = guard.keysOf(batch, index);
  const reasons = keys.flatMap((key) => reasonOf(key, now));
  // A look makes no key.
  for (const key of keys) state.limits.forgetIfIdle(key);
  const quotas = guard.quotas.flatMap(quotaReason);
  return [...sequenceReason(state, batch, index), ...reasons, ...quotas, ...undeclared];
}

/** It claims more than may still be claimed. */
function quotaReason(key: QuotaKey): Reason[] {
  const { quota, need } = key;
  if (key.room() > 0) return [];
  const { resource } = quota;
  const of = { blocking: true, resource, need } as const;
  if (quota instanceof FloatingQuota) return [{ code: 'floating', ...of, total: quota.total, claimed: quota.claimed }];
  if (quota instanceof LimitQuota) {
    const { account, limit } = quota;
    return [{ code: 'over-limit', ...of, account: account.name, limit, claimed: account.claimedOf(resource) }];
  }
  return quota instanceof UnlentQuota
    ? [{ code: 'not-lent', ...of, account: quota.account.name, free: quota.free }]
    : [];
}

function undeclaredOf({ limits }: State, batch: BatchState, index: number): Reason[] {
  const names = (batch.groupAt(index).limits ?? []).map((ref) => splitLimitRef(ref).name);
  return [...new Set(names)]
    .filter((name) => (limits.find(name)?.spec ?? null) === null)
    .map((limit) => ({ code: 'limit-undeclared', blocking: false, limit }));
}

function sequenceReason({ sequences }: State, batch: BatchState, index: number): Reason[] {
  const { sequence } = batch.groupAt(index);
  if (sequence === null || sequences.mayGo(batch, index)) return [];
  const { head } = sequences.of(batch, index);
  if (head === null || (head.batch === batch && head.index === index)) return [];
  const isBlocked = head.batch.place(head.index) === PLACE.failed;
  const behind = taskId(head.batch.id, head.index);
  return [{ code: 'sequence', blocking: true, sequence: sequence.key, behind, isBlocked }];
}

function reasonOf(key: LimitKey, now: number): Reason[] {
  const { name: limit, spec } = key.limit;
  if (spec === null) return [];
  const of = { limit, key: spec.per === 'all' ? null : key.name };
  const until = key.nextAt(now);
  const reasons: Reason[] = [];
  if (spec.concurrency !== null && key.out >= spec.concurrency)
    reasons.push({ code: 'limit', blocking: true, ...of, most: spec.concurrency, out: key.out });
  if (until !== null)
    reasons.push({ code: 'rate-limit', blocking: true, ...of, until, isHeld: key.heldUntil >= until });
  return reasons;
}
