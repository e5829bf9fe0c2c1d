import * as z from 'zod';
import { count } from './json.js';

/** Advice on how many workers a pool should have. */

const at = z.number();

/** In `/status`: advice, and what the next leader goes on from. Times are milliseconds since 1970. */
export const scaleSchema = z.looseObject({
  /** Workers that there should be, those that come included. */
  wanted: count,
  /** Those that are there and do not drain. */
  have: count,
  coming: count,
  /** Names of those that were given up and have nothing any more, 100 at most. */
  remove: z.array(z.string()),
  /** When `wanted` changed last, and how; null: never. */
  changedAt: at.nullable(),
  direction: z.enum(['up', 'down']).nullable(),
  /** When the direction changed in the last ten minutes. */
  turns: z.array(at),
  /** When workers that are missing were asked for last; null: never. */
  askedAt: at.nullable(),
  /** The word of somebody on what comes; null: nobody has said anything. */
  comingSaid: z.looseObject({ count, at }).nullable(),
});
export type ScaleRecord = z.output<typeof scaleSchema>;

/** Of `show-scale` and `scale-coming`. */
export const adviceSchema = z.looseObject({
  pool: z.string(),
  ...{ wanted: count, have: count, coming: count },
  remove: z.array(z.string()),
  why: z.string(),
  at,
});
export type AdviceRecord = z.output<typeof adviceSchema>;

export const scaleRequestSchemas = [
  z.looseObject({ kind: z.literal('show-scale'), pool: z.string() }),
  /** So many workers of the pool are on their way, all together. */
  z.looseObject({ kind: z.literal('scale-coming'), pool: z.string(), count }),
] as const;
