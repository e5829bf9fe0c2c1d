import * as z from 'zod';

/** A change that somebody asked for: who and why, in their own words, and when the leader made it. */
export const changeSchema = z.looseObject({ by: z.string().optional(), reason: z.string().optional(), at: z.number() });
export type ChangeRecord = z.output<typeof changeSchema>;
