import * as z from 'zod';

const time = z.iso.datetime();
const count = z.number().int().nonnegative();

/**
 * Calls of the program that defines schedules, limits and the weights of tenants: a line before and one after each call,
 * as clients write them. Each is about one `schedule`, `limit` or `queue`.
 */
export const definitionSchema = z
  .looseObject({
    at: z.number().nonnegative(),
    type: z.enum(['invoke', 'ok', 'fail', 'info']),
    /** `told`: the counts of a schedule were read, after it was paused and its last fire had ended. */
    op: z.enum(['set', 'pause', 'resume', 'remove', 'told']),
    /** Which call: the same in its `invoke` and its end. */
    call: z.union([z.number(), z.string()]),
    schedule: z.string().min(1).optional(),
    limit: z.string().min(1).optional(),
    queue: z.string().min(1).optional(),
    /** Only of schedules: the wall clock, in milliseconds since 1970. Nominal times are of that clock. */
    wall: z.number().optional(),
    /** Of a schedule that is set: it fires on this grid. */
    everyMs: z.number().positive().optional(),
    phaseMs: z.number().nonnegative().optional(),
    /** Of a schedule that is set, instead of a grid: all its nominal times, ISO text in UTC. */
    times: z.array(time).optional(),
    /** Of a schedule that is set. Absent: `skip`. */
    overlap: z
      .enum(['skip', 'buffer-one', 'buffer-latest', 'buffer-all', 'cancel-other', 'terminate-other', 'allow'])
      .optional(),
    /** Of a schedule that is set. Absent: `latest`. */
    catchUp: z.enum(['latest', 'all', 'none']).optional(),
    /** Of `told` that is ok. */
    fired: count.optional(),
    skipped: count.optional(),
    missed: count.optional(),
    excluded: count.optional(),
    /** Of a limit that is set: so many attempts at a time. */
    concurrency: z.number().int().positive().nullable().optional(),
    /** Of a limit that is set: so many starts in a period, and so many at once. */
    rate: z
      .looseObject({ limit: z.number().positive(), periodMs: z.number().positive(), burst: z.number().positive() })
      .nullable()
      .optional(),
    /** Of a queue that is set: the weights of its tenants. */
    tenants: z.record(z.string(), z.number().positive()).optional(),
    /** Of a queue that is set: what is shared. Absent: `tasks`. */
    fairness: z.enum(['tasks', 'time']).optional(),
  })
  .refine(({ schedule, limit, queue }) => [schedule, limit, queue].filter((name) => name !== undefined).length === 1, {
    error: 'expected one of schedule, limit and queue',
  })
  .refine(({ schedule, wall }) => schedule === undefined || wall !== undefined, {
    path: ['wall'],
    error: 'a line about a schedule has the wall clock: milliseconds since 1970',
  })
  .refine(
    ({ schedule, op, everyMs, times }) => schedule === undefined || op !== 'set' || (everyMs ?? times) !== undefined,
    {
      path: ['everyMs'],
      error: 'a schedule that is set has everyMs, or its times',
    },
  );
export type DefinitionLine = z.output<typeof definitionSchema>;
