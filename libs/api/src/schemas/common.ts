import * as z from 'zod';

/** Milliseconds since 1970. */
export const instant = z.number().int().nonnegative();
export const count = z.number().int().nonnegative();
export const json = z.unknown();
export const change = z.object({ by: z.string().optional(), reason: z.string().optional(), at: instant });
export const failure = z.looseObject({ name: z.string(), message: z.string() });

/** The caller is known from the request; a reason is its own. At most 1,024 characters. */
export const reason = z.string().max(1_024);
export const withReason = z.strictObject({ reason: reason.optional() });

/** A page of a list. `next`: the cursor of the page behind it; null: there is nothing more. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable(),
    /** Null: what is listed does not come from the leader's memory. */
    revision: z.string().nullable(),
    /** False: the time for one request was used up, or the leader is still reading; go on with `next`. */
    complete: z.boolean(),
    /** Batches and tasks that were looked at for this page. */
    scanned: count.optional(),
    /** Only where it is known exactly. */
    total: count.optional(),
  });
}

export const paging = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().optional(),
};

/** Answers when something has changed since `after`, or with 304 after `wait`: `30s`, or a number of seconds; 60 s at most. */
export const waiting = { after: z.string().optional(), wait: z.string().optional() };
