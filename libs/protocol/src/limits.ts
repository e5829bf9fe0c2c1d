import { LIMITS, LIMIT_SCOPES, type LimitSpec } from '@drover/core';
import * as z from 'zod';
import { changeSchema } from './changes.js';
import { count, version as v } from './json.js';

/** Of the keys of a rate limit: `00` to `0f`, each with a part of them. */
export const LIMIT_SHARDS: readonly string[] = Array.from({ length: LIMITS.limitShards }, (_, n) => shardName(n));

/** `0f`. */
export function shardName(n: number): string {
  return n.toString(16).padStart(2, '0');
}

export const limitSpecSchema = z
  .looseObject({
    /** Tasks of a key that are out at a time, at most. */
    concurrency: count.min(1).nullable(),
    rate: z.looseObject({ limit: count.min(1), periodMs: z.number().min(1), burst: count.min(1) }).nullable(),
    on: z.looseObject({ queue: z.string().optional(), type: z.string().optional() }).nullable(),
    per: z.enum(LIMIT_SCOPES),
  })
  .refine(({ concurrency, rate }) => concurrency !== null || rate !== null, {
    message: 'has neither a concurrency nor a rate',
  })
  .refine(({ per, on }) => per !== 'key' || on === null, { message: "has 'on', and keys that only tasks can give" });

/** Without fields that a later release wrote. */
export function limitSpecOf({ concurrency, rate, on, per }: z.output<typeof limitSpecSchema>): LimitSpec {
  const queue = on?.queue === undefined ? {} : { queue: on.queue };
  const type = on?.type === undefined ? {} : { type: on.type };
  return {
    concurrency,
    rate: rate === null ? null : { limit: rate.limit, periodMs: rate.periodMs, burst: rate.burst },
    on: on === null ? null : { ...queue, ...type },
    per,
  };
}

/** `/limits/<name>`. */
export const limitSchema = z.looseObject({
  v,
  /** Grows with each change of the definition. */
  revision: count.min(1),
  spec: limitSpecSchema,
  changedBy: changeSchema,
  /** Until when somebody has asked to start nothing of a key; `''` is the whole limit. */
  holds: z.record(z.string(), z.number()).optional(),
});
export type LimitRecord = z.output<typeof limitSchema>;

/**
 * `/limits/<name>/<shard>`: of each key up to when its starts are reserved (the theoretical arrival time of GCRA), and,
 * where a worker asked for it, until when it is held. The leader writes a reservation before it hands out by it, so the
 * next leader starts where nothing more can have been handed out.
 */
export const limitShardSchema = z.looseObject({
  v,
  keys: z.array(z.tuple([z.string(), z.number()]).rest(z.number())).max(LIMITS.limitKeysOfShard),
});
export interface ReservedKey {
  readonly key: string;
  /** Milliseconds since 1970; up to there starts are reserved. */
  readonly tat: number;
  /** Milliseconds since 1970; 0: it is not held. */
  readonly holdUntil: number;
}

export function shardOf(keys: readonly ReservedKey[]): object {
  return { keys: keys.map(({ key, tat, holdUntil }) => (holdUntil > 0 ? [key, tat, holdUntil] : [key, tat])) };
}

export const reservedKeys = ({ keys }: z.output<typeof limitShardSchema>): ReservedKey[] =>
  keys.map(([key, tat, holdUntil = 0]) => ({ key, tat, holdUntil }));

const time = z.number().nullable();
/** A limit in use, as the leader knows it. Times are milliseconds since 1970; `null`: there is none. */
export const limitUseSchema = z.looseObject({
  name: z.string(),
  /** Tasks that are out under it. */
  out: count,
  /** Due tasks that wait for it, and the keys at which they do. */
  waiting: count,
  waitingKeys: count,
  heldUntil: time,
  /** The busiest keys, and how many there are besides. `nextAt`: when its rate or a hold lets the next task go. */
  keys: z.array(z.looseObject({ key: z.string(), out: count, waiting: count, nextAt: time, heldUntil: time })),
  keysLeftOut: count,
});
export type LimitUseRecord = z.output<typeof limitUseSchema>;
