import { OPERATORS } from '@drover/core';
import * as z from 'zod';
import { definitionSchema } from './definition-line.js';

/**
 * The histories that are checked: newline-delimited JSON, written by the programs that test Drover, never by Drover
 * itself. Fields that are not named here are kept and shown. `docs/verify.md` explains each.
 *
 * `at`: milliseconds of one clock that all writers share and that cannot be set: CLOCK_MONOTONIC (`process.hrtime`) of
 * one machine. `task`: the test's own name of a task, unique in the run; it is part of the payload.
 */
const at = z.number().nonnegative();
const attempt = z.number().int().positive();
/** `String(context.fencingToken)`; a number where it is exact. */
const token = z.custom<string | number>(isToken, {
  error: 'expected a fencing token: digits in a string, or a whole number',
});

const uniqueSchema = z.looseObject({
  key: z.string().min(1),
  mode: z.enum(['last', 'cancel', 'throttle', 'debounce']),
  /** Only with `throttle`. */
  everyMs: z.number().positive().optional(),
  /** Only with `debounce`. */
  quietMs: z.number().positive().optional(),
  /** Only with `debounce`. Absent: no bound. */
  maxMs: z.number().positive().optional(),
});

const conditionSchema = z.looseObject({
  label: z.string(),
  op: z.enum(OPERATORS),
  values: z.array(z.string()).optional(),
});
/** By resource, as people write it: 1.5 is one and a half. */
const amounts = z.record(z.string(), z.number().nonnegative());

/** Calls of clients and their answers; a line before and a line after each call. */
export const operationSchema = z
  .looseObject({
    at,
    /** `invoke`: about to ask · `ok`: done, told · `fail`: surely not done · `info`: unknown, may have been done. */
    type: z.enum(['invoke', 'ok', 'fail', 'info']),
    /** `retry`: of a run. */
    op: z.enum(['submit', 'result', 'cancel', 'retry']),
    task: z.string().min(1),
    client: z.string().optional(),
    /** Which call: the same in its `invoke` and its end. */
    call: z.union([z.number(), z.string()]).optional(),
    /** Drover's id of the task, where it is known. */
    id: z.string().optional(),
    /** Only with `result` `ok`: how the task ended. */
    outcome: z.enum(['succeeded', 'failed', 'cancelled']).optional(),
    /** Only with `result` `ok`: the attempt whose result was accepted, if it is known. */
    attempt: attempt.optional(),
    /** Only with `result` `ok`: the value that the handler returned. */
    value: z.unknown().optional(),
    /** Only with `submit`: the delay of the task; its wait is counted from the end of it. */
    delayMs: z.number().nonnegative().optional(),
    /** Only with `submit`: the time limit of an attempt; an attempt that takes longer explains another one. */
    timeoutMs: z.number().nonnegative().optional(),
    /** Only with `submit`: `expires` of the task. */
    expiresMs: z.number().positive().optional(),
    /** Only with `submit`: `deadline` of the task. */
    deadlineMs: z.number().positive().optional(),
    /** Only with `submit`: the queue. Absent: `default`. */
    queue: z.string().optional(),
    tenant: z.string().optional(),
    /** Only with `submit`: the unique key and its mode. Absent: none, or the mode `first`. */
    unique: uniqueSchema.optional(),
    /** Only with `submit`: the limits that the task is under; behind a slash the key or the tenant: `stripe/acme`. */
    limits: z.array(z.string().min(1)).optional(),
    /** Only with `submit`: the sequence that the task belongs to. */
    sequence: z.string().optional(),
    /** Only with `submit` and `sequence`. Absent: `continue`. */
    onFailure: z.enum(['continue', 'block']).optional(),
    /** Only with `submit` `ok`: the zxid that created the batch of the task, where it is known. */
    zxid: token.optional(),
    /** Only with `result` `ok`: the task whose run this is, where another task ran in the place of this one. */
    by: z.string().min(1).optional(),
    /** Only with `submit`: what is submitted is a run of a flow. */
    flow: z
      .looseObject({
        /** By the name of a step: the steps that it waits for. */
        after: z.record(z.string(), z.array(z.string())),
        /** The result of the run, where it is known before. */
        expects: z.unknown().optional(),
      })
      .optional(),
    /** Only with `submit`: the conditions on labels of the worker, as Drover's records have them. */
    where: z.array(conditionSchema).optional(),
    /** Only with `submit`: of the tasks of this group one runs at a time at workers with the same value of a label. */
    apart: z.looseObject({ by: z.string().min(1), group: z.string().min(1) }).optional(),
    error: z.unknown().optional(),
  })
  .refine(({ op, type, outcome }) => op !== 'result' || type !== 'ok' || outcome !== undefined, {
    path: ['outcome'],
    error: "a result that is ok says how the task ended: 'succeeded', 'failed' or 'cancelled'",
  });
export type Operation = z.output<typeof operationSchema>;

/**
 * The runs of handlers; each writes (synchronously) before anything else and as the last thing, so that a kill loses
 * nothing.
 */
export const effectSchema = z.looseObject({
  at,
  /** `aborted`: the handler ended because its signal was aborted. */
  type: z.enum(['start', 'end', 'aborted']),
  task: z.string().min(1),
  id: z.string().optional(),
  attempt,
  token,
  worker: z.string().min(1),
  /** Only with `end`; absent: succeeded. */
  outcome: z.enum(['succeeded', 'failed']).optional(),
  /** Only with `end`: the value that the handler returns. */
  value: z.unknown().optional(),
  /** Only with `aborted`: `signal.reason.abortCause`; `timed-out` explains another attempt. */
  cause: z.string().optional(),
  /** Of a task that a schedule made: `context.fire`. */
  fire: z
    .looseObject({
      id: z.string().min(1),
      schedule: z.string().min(1),
      /** ISO text in UTC. */
      nominal: z.iso.datetime(),
      kind: z.enum(['time', 'catch-up', 'trigger', 'backfill']),
    })
    .optional(),
  /** Of a task that is a step of a run: `context.flow`. */
  flow: z
    .looseObject({
      run: z.string().min(1),
      step: z.string().min(1),
      index: z.number().int().nonnegative().optional(),
      generation: z.number().int().nonnegative(),
    })
    .optional(),
  /** Of a task of a broadcast: the test's own name of that. */
  broadcast: z.string().min(1).optional(),
  /** Only with `start`: the resources that the task has of its worker while it runs. */
  needs: amounts.optional(),
  /** Only with `start` and `needs`: the resources of the worker, with its over-commitment. */
  has: amounts.optional(),
  /** Only with `start`: `context.devices`. */
  devices: z.record(z.string(), z.array(z.string())).optional(),
  /** Only with `start`: the labels of the worker. */
  labels: z.record(z.string(), z.string()).optional(),
  /** Of which life of the worker it is, such as the id of its process: what has ended with an earlier one needs nothing. */
  life: z.union([z.string(), z.number()]).optional(),
  /** As in a submit, for a task that nobody submitted because a schedule made it. */
  limits: z.array(z.string().min(1)).optional(),
});
export type Effect = z.output<typeof effectSchema>;

/** Writes to a resource outside, with the handler's fencing token; one line a decision, in their order. */
export const writeSchema = z.looseObject({
  at,
  task: z.string().min(1),
  token,
  /** False: refused, a newer token had been seen. */
  accepted: z.boolean(),
  value: z.unknown().optional(),
});
export type Write = z.output<typeof writeSchema>;

/** Faults that the test injected; a line when it begins and one when it is over. */
export const faultSchema = z.looseObject({
  at,
  type: z.enum(['begin', 'end']),
  /** The same in both lines. */
  n: z.number().int().nonnegative(),
  fault: z.string().min(1),
  target: z.string(),
  /** Only with `begin`: the workers (as in the effects) that may lose their session by the fault. Absent: all. */
  workers: z.union([z.literal('all'), z.array(z.string())]).optional(),
  /** Only with `begin`: the role of the target. Absent: it may be any. */
  role: z.enum(['client', 'worker', 'scheduler', 'zookeeper']).optional(),
  /** Only with `begin`: how the leader was ended, if it was the target. */
  leader: z.enum(['killed', 'stopped']).optional(),
  /** Only with `begin`: an orderly stop, restart or deploy; it explains no second start. */
  orderly: z.boolean().optional(),
});
export type FaultLine = z.output<typeof faultSchema>;

/** Samples of an observer of ZooKeeper; any of the fields, as often as it likes. */
export const sampleSchema = z.looseObject({
  at,
  /** The id in `/leader`; `null`: there is none. Absent: not looked at, or ZooKeeper did not answer. */
  leader: z.string().nullable().optional(),
  epoch: z.number().int().nonnegative().optional(),
  znodes: z.number().int().nonnegative().optional(),
  watches: z.number().int().nonnegative().optional(),
  finished: z.number().int().nonnegative().optional(),
});
export type Sample = z.output<typeof sampleSchema>;

export const HISTORY_SCHEMAS = {
  operations: operationSchema,
  effects: effectSchema,
  resource: writeSchema,
  faults: faultSchema,
  samples: sampleSchema,
  definitions: definitionSchema,
} as const;
export type HistoryName = keyof typeof HISTORY_SCHEMAS;

/** An entry of the history with this name. */
export type Entry<Name extends HistoryName = HistoryName> = z.output<(typeof HISTORY_SCHEMAS)[Name]>;

function isToken(value: unknown): boolean {
  return typeof value === 'string' ? /^\d+$/.test(value) : Number.isSafeInteger(value) && Number(value) >= 0;
}
