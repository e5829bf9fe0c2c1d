import * as z from 'zod';
import { route } from '../route.js';
import {
  broadcast,
  broadcastInput,
  broadcastReply,
  broadcastStarted,
  broadcastSummary,
  broadcastWorker,
} from '../schemas/broadcasts.js';
import { listOf, paging, withReason } from '../schemas/common.js';
import { OF_START } from './flows.js';

const id = z.strictObject({ id: z.string() });
const OF_LEADER = ['no-leader', 'leader-unreachable'] as const;
const OF_BROADCAST = ['broadcast-not-found', 'conflict', 'zookeeper-unavailable'] as const;

/** Broadcasts. Each belongs to the queue of its tasks. */
export const BROADCAST_ROUTES = [
  route({
    name: 'listBroadcasts',
    method: 'GET',
    path: '/v1/broadcasts',
    summary: 'Broadcasts, the newest first',
    permission: 'see',
    answeredBy: 'leader',
    query: z.strictObject({
      ...paging,
      type: z.string().optional(),
      /** One, or several with commas. */
      state: z.string().optional(),
      /** A name, or a beginning such as `images*`. */
      queue: z.string().optional(),
    }),
    answers: { 200: { json: listOf(broadcastSummary) } },
    errors: ['invalid-cursor', ...OF_LEADER],
  }),
  route({
    name: 'getBroadcast',
    method: 'GET',
    path: '/v1/broadcasts/:id',
    summary: 'A broadcast: how many workers it has reached, and what became of it there',
    permission: 'see',
    answeredBy: 'any',
    params: id,
    answers: { 200: { json: broadcast } },
    errors: OF_BROADCAST,
  }),
  route({
    name: 'listBroadcastWorkers',
    method: 'GET',
    path: '/v1/broadcasts/:id/workers',
    summary: 'What became of a broadcast at each worker, by their names',
    permission: 'see',
    answeredBy: 'any',
    params: id,
    query: z.strictObject(paging),
    answers: { 200: { json: listOf(broadcastWorker) } },
    errors: ['invalid-cursor', ...OF_BROADCAST],
  }),
  route({
    name: 'startBroadcast',
    method: 'POST',
    path: '/v1/broadcasts',
    summary: 'Runs a task once at each worker that offers its type',
    permission: 'submit',
    answeredBy: 'any',
    body: { json: broadcastInput },
    answers: { 200: { json: broadcastStarted }, 201: { json: broadcastStarted } },
    errors: ['conflict', ...OF_START],
    disableable: 'submit',
    idempotent: true,
  }),
  route({
    name: 'cancelBroadcast',
    method: 'POST',
    path: '/v1/broadcasts/:id/cancel',
    summary: 'Nobody joins it any more, and its tasks are cancelled',
    permission: 'operate',
    answeredBy: 'any',
    params: id,
    body: { json: withReason },
    answers: { 200: { json: broadcastReply } },
    errors: [...OF_BROADCAST, ...OF_LEADER, 'command-timeout'],
    disableable: 'cancel',
  }),
] as const;
