import { LIMITS, type BatchId } from '@drover/core';
import * as z from 'zod';
import { fireSchema, type FireRecord } from './schedules.js';

/** Of a batch: each task is for the workers of one name alone, and the payload of all of them stands in the broadcast. */
export const partSchema = z.looseObject({
  id: z.string(),
  /** In the order of the tasks. */
  workers: z.array(z.string()).min(1).max(LIMITS.batchTasks),
  /** From then on nobody waits for a worker to come back. */
  until: z.number(),
  skipDraining: z.literal(true).optional(),
  /** The broadcast is this fire of a schedule. Absent: none. */
  fire: fireSchema.optional(),
});

/** A part of a broadcast, which is the tasks of one batch. */
export interface BroadcastPart {
  id: BatchId;
  workers: string[];
  until: number;
  skipDraining?: true;
  fire?: FireRecord;
}
