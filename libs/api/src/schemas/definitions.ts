import * as z from 'zod';
import { change, count, instant } from './common.js';

/** Instants are ISO text in UTC. */
export const fireTime = z.object({ nominal: z.string(), due: z.string() });
/** A fire has started exactly one of these: a task, a run of a flow, or a broadcast, each by its id. */
export const started = z.object({
  task: z.string().optional(),
  run: z.string().optional(),
  broadcast: z.string().optional(),
});

const scheduleFields = {
  name: z.string(),
  revision: count,
  /** The value that `PUT /v1/schedules/:name` takes. */
  spec: z.looseObject({}),
  changedBy: change,
  paused: change.nullable(),
  endedAt: instant.nullable(),
  next: z.array(fireTime),
  last: fireTime.extend(started.shape).nullable(),
  fired: count,
  skipped: count,
  missed: count,
  excluded: count,
  failed: count,
  reasons: z.object({ skipped: z.string().optional(), missed: z.string().optional(), failed: z.string().optional() }),
};
/** As `Schedules.list` answers. */
export const scheduleSummary = z.object(scheduleFields);
const fire = fireTime.extend({ ...started.shape, kind: z.string() });
export const backfill = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  cursor: z.string(),
  parallel: count,
  order: z.enum(['oldest', 'newest']),
  redo: z.enum(['missing', 'failed', 'all']),
  fired: count,
  skipped: count,
  running: count,
  asked: change,
  endedAt: instant.nullable(),
});
/** As `Schedules.get` answers. */
export const schedule = z.object({
  ...scheduleFields,
  broken: z.string().nullable(),
  held: z.object({ code: z.string(), reason: z.string() }).nullable(),
  running: z.array(fire),
  waiting: z.array(fire),
  backfills: z.array(backfill),
});
export const scheduleInput = z.looseObject({ when: z.unknown(), run: z.looseObject({}) });
export const definitionReply = z.object({
  name: z.string(),
  change: z.enum(['created', 'changed', 'unchanged']),
  revision: count,
});

/** Names, as `Schedules.apply` answers. */
export const applied = z.object({
  created: z.array(z.string()),
  changed: z.array(z.string()),
  unchanged: z.array(z.string()),
  pruned: z.array(z.string()),
});

/** As `Limits.list` answers. */
const limitFields = {
  name: z.string(),
  revision: count,
  /** The value that `PUT /v1/limits/:name` takes. */
  spec: z.looseObject({}),
  changedBy: change,
  holds: z.record(z.string(), instant),
};
export const limitSummary = z.object(limitFields);
/** As `Limits.get` and `Limits.usage` answer. */
export const limit = z.object({
  ...limitFields,
  out: count,
  waiting: count,
  waitingKeys: count,
  heldUntil: instant.nullable(),
  keys: z.array(
    z.object({
      key: z.string(),
      out: count,
      waiting: count,
      nextAt: instant.nullable(),
      heldUntil: instant.nullable(),
    }),
  ),
  keysLeftOut: count,
});
export const limitInput = z.looseObject({});

export const calendar = z.object({ name: z.string(), dates: z.array(z.string()), changedBy: change });
