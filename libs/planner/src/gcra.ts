import type { RateSpec } from '@drover/core';

/**
 * The generic cell rate algorithm: pure. A rate is one number for each key, the theoretical arrival time (TAT): when the
 * next start would come if all came evenly. A start may come before it by the tolerance, which is what a burst is. Times
 * are milliseconds, with fractions.
 */
export interface RateTimes {
  /** Between two starts that come evenly. */
  readonly intervalMs: number;
  /** So much earlier than evenly a start may come: room for all of a burst but its first. */
  readonly toleranceMs: number;
}

/** A reservation covers what the rate allows in this time. */
export const RESERVED_MS = 1_000;

/**
 * Against 2.9999999 where 3 is meant: a start may come so much too early, once, for nothing adds up. Numbers as large as
 * milliseconds since 1970 are 0.0002 apart: with less than that a key would not be free when `nextStartAt` says so.
 */
const ROUNDING_MS = 1e-3;

export function timesOf({ limit, periodMs, burst }: RateSpec): RateTimes {
  const intervalMs = periodMs / limit;
  return { intervalMs, toleranceMs: (burst - 1) * intervalMs };
}

/** Starts that may come at `now`. */
export function startsAt(tat: number, now: number, { intervalMs, toleranceMs }: RateTimes): number {
  const early = Math.max(tat, now) - now;
  return Math.max(0, Math.floor((toleranceMs - early + ROUNDING_MS) / intervalMs) + 1);
}

/** The TAT after so many starts at `now`. */
export const afterStarts = (tat: number, now: number, starts: number, { intervalMs }: RateTimes): number =>
  Math.max(tat, now) + starts * intervalMs;

/** From when on one start may come. */
export const nextStartAt = (tat: number, { toleranceMs }: RateTimes): number => tat - toleranceMs;

/**
 * The TAT to write down, so that nothing more need be written for a second: all starts that evenly come in that time, as
 * far as the rate allows them by then. The next leader begins with it, and has lost no more than that.
 */
export function toReserve(tat: number, now: number, { intervalMs, toleranceMs }: RateTimes): number {
  const evenly = Math.floor(RESERVED_MS / intervalMs);
  const allowed = Math.floor((now + RESERVED_MS + toleranceMs - tat + ROUNDING_MS) / intervalMs) + 1;
  return tat + Math.max(0, Math.min(evenly, allowed)) * intervalMs;
}

/**
 * No TAT is later than this at `now`, whether used or reserved. One that is was written by a clock that has fallen back
 * since, or for another rate: it counts as this, so that it blocks its key for a second and an interval at most.
 */
export const clamped = (tat: number, now: number, { intervalMs, toleranceMs }: RateTimes): number =>
  Math.min(tat, now + RESERVED_MS + toleranceMs + intervalMs);
