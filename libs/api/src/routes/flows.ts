import * as z from 'zod';
import { route } from '../route.js';
import { listOf, paging } from '../schemas/common.js';
import {
  cancelRunInput,
  output,
  plan,
  retryRunInput,
  run,
  runCounts,
  runReply,
  runStarted,
  runSummary,
  signalInput,
  startRunInput,
  STEP_TASK_STATES,
  stepTask,
} from '../schemas/flows.js';

const ofRun = z.strictObject({ run: z.string() });
const OF_LEADER = ['no-leader', 'leader-unreachable'] as const;
const OF_RUN = ['run-not-found', ...OF_LEADER] as const;
const OF_CHANGE = ['conflict', ...OF_RUN, 'command-timeout', 'zookeeper-unavailable'] as const;
/** Errors of everything that begins something new. */
export const OF_START = [
  'payload-too-large',
  'unsupported-media-type',
  'idempotency-mismatch',
  'intake-closed',
  'queue-full',
  'limit-not-found',
  'zookeeper-unavailable',
  'unknown-outcome',
] as const;

/** Runs of flows. A run belongs to the queue that it was started in. */
export const FLOW_ROUTES = [
  route({
    name: 'listRuns',
    method: 'GET',
    path: '/v1/flows',
    summary: 'Runs of flows, the newest first',
    permission: 'see',
    answeredBy: 'leader',
    query: z.strictObject({
      ...paging,
      /** Name of the flow. */
      flow: z.string().optional(),
      /** One, or several with commas. */
      state: z.string().optional(),
      /** A name, or a beginning such as `images*`. */
      queue: z.string().optional(),
    }),
    answers: {
      200: {
        json: listOf(runSummary).extend({
          /** All runs by flow and state. Only on the first page, for callers who see all queues. */
          counts: runCounts.optional(),
        }),
      },
    },
    errors: ['invalid-cursor', ...OF_LEADER],
  }),
  route({
    name: 'startRun',
    method: 'POST',
    path: '/v1/flows',
    summary: 'Starts a run of a plan; as NDJSON, with the items of its map a line each',
    permission: 'submit',
    answeredBy: 'any',
    body: { json: startRunInput, ndjson: true },
    answers: { 200: { json: runStarted }, 201: { json: runStarted } },
    errors: OF_START,
    disableable: 'submit',
    idempotent: true,
  }),
  route({
    name: 'getRun',
    method: 'GET',
    path: '/v1/flows/:run',
    summary: 'A run with its steps: how far each is, and what it waits for',
    permission: 'see',
    answeredBy: 'leader',
    params: ofRun,
    answers: { 200: { json: run } },
    errors: ['conflict', 'zookeeper-unavailable', ...OF_RUN],
  }),
  route({
    name: 'getOutput',
    method: 'GET',
    path: '/v1/flows/:run/output',
    summary: 'The result of a run that has ended, or with `step` of one of its steps; 202 while it has not',
    permission: 'see-payloads',
    answeredBy: 'any',
    params: ofRun,
    query: z.strictObject({ step: z.string().optional(), wait: z.string().optional(), ...paging }),
    answers: { 200: { json: output }, 202: { json: output } },
    errors: ['conflict', 'invalid-cursor', 'zookeeper-unavailable', 'too-many-waits', ...OF_RUN],
  }),
  route({
    name: 'getPlan',
    method: 'GET',
    path: '/v1/flows/:run/plan',
    summary: 'The plan of a run, with the edges between its steps; it never changes',
    permission: 'see',
    answeredBy: 'any',
    params: ofRun,
    answers: { 200: { json: plan } },
    errors: ['conflict', 'run-not-found', 'zookeeper-unavailable'],
  }),
  route({
    name: 'listStepTasks',
    method: 'GET',
    path: '/v1/flows/:run/steps/:step/tasks',
    summary: 'Tasks of a step of a run, in the order of its items; those that are not made yet are left out',
    permission: 'see',
    answeredBy: 'leader',
    params: z.strictObject({ run: z.string(), step: z.string() }),
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().optional(),
      state: z.enum(STEP_TASK_STATES).optional(),
    }),
    answers: { 200: { json: listOf(stepTask) } },
    errors: ['invalid-cursor', 'not-found', 'conflict', 'zookeeper-unavailable', ...OF_RUN],
  }),
  route({
    name: 'signalRun',
    method: 'POST',
    path: '/v1/flows/:run/signal',
    summary: 'Gives a step the signal that it waits for, or will wait for; the first one counts',
    permission: 'operate',
    answeredBy: 'any',
    params: ofRun,
    body: { json: signalInput },
    answers: { 200: { json: runReply } },
    errors: OF_CHANGE,
    disableable: 'submit',
  }),
  route({
    name: 'cancelRun',
    method: 'POST',
    path: '/v1/flows/:run/cancel',
    summary: 'Cancels a run; its steps that clean up still run, unless `force`',
    permission: 'operate',
    answeredBy: 'any',
    params: ofRun,
    body: { json: cancelRunInput },
    answers: { 200: { json: runReply } },
    errors: OF_CHANGE,
    disableable: 'cancel',
  }),
  route({
    name: 'retryRun',
    method: 'POST',
    path: '/v1/flows/:run/retry',
    summary: 'Runs again what has failed, or with `from` that step and everything after it',
    permission: 'operate',
    answeredBy: 'any',
    params: ofRun,
    body: { json: retryRunInput },
    answers: { 200: { json: runReply } },
    errors: OF_CHANGE,
    disableable: 'retry',
  }),
] as const;
