import { hash } from './hash.js';

/**
 * The time of the next attempt follows from stored values, so that every scheduler computes the same time: the end of
 * the last attempt, the number of failures, the policy, and jitter from a hash of the task's id.
 */
export interface RetryPolicy {
  kind: 'constant' | 'linear' | 'exponential';
  /** The delay before the second attempt. */
  delayMs: number;
  /** No delay is longer, jitter included. */
  maxDelayMs: number;
  /** Share of the delay that is spread, 0 to 1: 0.2 makes 1,000 ms to something in 900 to 1,100 ms. */
  jitter: number;
}

export const DEFAULT_RETRY: RetryPolicy = Object.freeze({
  kind: 'exponential',
  delayMs: 1_000,
  maxDelayMs: 300_000,
  jitter: 0.2,
});

/** Delay in ms, whole, after the `failures`-th failed attempt (1 = the first) of the task `taskId`. */
export function retryDelayMs(policy: RetryPolicy, failures: number, taskId: string): number {
  const base = Math.min(growth(policy, failures), policy.maxDelayMs);
  const spread = base * policy.jitter * (unitHash(`${taskId}#${failures}`) - 0.5);
  return Math.round(Math.min(Math.max(base + spread, 0), policy.maxDelayMs));
}

function growth(policy: RetryPolicy, failures: number): number {
  switch (policy.kind) {
    case 'constant':
      return policy.delayMs;
    case 'linear':
      return policy.delayMs * failures;
    case 'exponential':
      // Past 2^64 every delay is above any cap; far past it 0 times infinity would be no number.
      return policy.delayMs * 2 ** Math.min(failures - 1, 64);
  }
}

/** A number in [0, 1). */
const unitHash = (text: string): number => hash(text) / 2 ** 32;
