import { DEFAULT_TASK_OPTIONS, RecordError, type TaskOptions } from '@drover/core';
import * as z from 'zod';
import { encodeOptions, optionSchemas } from './batch.js';
import { BROADCAST, FIRE_RUNS } from './features.js';
import { changeSchema } from './changes.js';
import { count, formatRecord, parseRecord, version as v } from './json.js';
import { fireLine, fireOf, fireSchema, type FireRecord } from './schedules.js';

/**
 * A broadcast: line 1 is the record, line 2 the payload of all its tasks, as JSON. The client writes it once. The leader
 * makes batches of `/tasks` for it, and puts the name of each below it, in the transaction that makes the batch; later it
 * adds `closed` and `finished`.
 */
export const broadcastSchema = z.looseObject({
  v,
  queue: z.string(),
  /** The options of each of its tasks. */
  task: z.looseObject({ type: z.string(), ...optionSchemas }),
  /** Labels that a worker must have. Absent: none. */
  where: z.record(z.string(), z.string()).optional(),
  /** For so long from its `ctime` on names that appear are given a task, and those that are gone are waited for. */
  joinersMs: z.number().positive(),
  /** A newer broadcast of the same key closes this one. Absent: there is none. */
  key: z.string().optional(),
  /** Workers that drain get none. Absent: they do. */
  skipDraining: z.literal(true).optional(),
  /** It is this fire of a schedule. Such a broadcast needs `fire-runs`. */
  fire: fireSchema.optional(),
  /** By the submitter's clock. */
  at: z.number(),
  /** The submitter, for operators. */
  client: z.string(),
  by: z.string().optional(),
  reason: z.string().optional(),
  /** Fingerprint of the request that started it, and its key, as `requestKeyPath` takes it. Absent: it had none. */
  request: z.string().optional(),
  requestKey: z.string().optional(),
  /** The leader has looked at all workers: those that matched have a task, `workers` of them. Absent: not yet. */
  reached: z.looseObject({ at: z.number(), workers: count }).optional(),
  /** No more names are given a task: its time is `over`, a newer one of its key is there, or it was cancelled. */
  closed: changeSchema
    .extend({ why: z.enum(['over', 'superseded', 'cancelled']), newer: z.string().optional() })
    .optional(),
  /** It is closed, and each of its tasks has ended. */
  finished: z.looseObject({ at: z.number(), succeeded: count, failed: count, cancelled: count }).optional(),
});
export interface BroadcastRecord {
  queue: string;
  task: TaskOptions;
  where?: Readonly<Record<string, string>>;
  joinersMs: number;
  key?: string;
  skipDraining?: true;
  fire?: FireRecord;
  at: number;
  client: string;
  by?: string;
  reason?: string;
  request?: string;
  requestKey?: string;
  reached?: { at: number; workers: number };
  closed?: BroadcastClosed;
  finished?: BroadcastFinished;
  needs?: string[];
}
export interface BroadcastClosed {
  at: number;
  why: 'over' | 'superseded' | 'cancelled';
  /** Of a superseded one: the newer broadcast. */
  newer?: string;
  by?: string;
  reason?: string;
}
export interface BroadcastFinished {
  at: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

export interface StoredBroadcast {
  readonly record: BroadcastRecord;
  /** JSON text. */
  readonly payload: string;
}

/** The features without which nobody may act on a broadcast whose tasks have these. */
export const needsOfBroadcast = (features: readonly string[]): string[] =>
  [...new Set([BROADCAST, ...features])].sort();

/** `payload`: JSON text without line breaks. Throws `RecordError` where a reader would refuse it. */
export function encodeBroadcast(record: BroadcastRecord, payload: string): string {
  const { fire, needs = [] } = record;
  const task = encodeOptions(record.task);
  const said = fire === undefined ? {} : { fire: fireLine(fire), needs: [...new Set([...needs, FIRE_RUNS])].sort() };
  return `${formatRecord('a broadcast', { ...record, task, ...said }, broadcastSchema)}\n${payload}`;
}

/** Throws `RecordError`. */
export function decodeBroadcast(path: string, data: Uint8Array): StoredBroadcast {
  const text = new TextDecoder().decode(data);
  const end = text.indexOf('\n');
  const record = parseRecord(path, end < 0 ? text : text.slice(0, end), broadcastSchema);
  if (end < 0 || text.includes('\n', end + 1))
    throw new RecordError(path, 'expected two lines: the record and the payload');
  const task: TaskOptions = { ...DEFAULT_TASK_OPTIONS, ...record.task };
  const { fire, ...rest } = record;
  const said = fire === undefined ? {} : { fire: fireOf(fire) };
  return { record: { ...(rest as unknown as BroadcastRecord), task, ...said }, payload: text.slice(end + 1) };
}
