import * as z from 'zod';
import { route } from '../route.js';
import { listOf, paging, withReason } from '../schemas/common.js';
import {
  group,
  groupAdded,
  groupClosed,
  groupInput,
  groupOpened,
  groupSummary,
  groupTasks,
} from '../schemas/groups.js';
import { OF_START } from './flows.js';

const ofGroup = z.strictObject({ run: z.string() });
const OF_LEADER = ['no-leader', 'leader-unreachable'] as const;
const OF_GROUP = ['group-not-found', ...OF_LEADER, 'zookeeper-unavailable'] as const;

/** Groups: runs that take tasks while they are open. Like any run they are cancelled, retried and signalled below `/v1/flows`. */
export const GROUP_ROUTES = [
  route({
    name: 'listGroups',
    method: 'GET',
    path: '/v1/groups',
    summary: 'Groups, the newest first',
    permission: 'see',
    answeredBy: 'leader',
    query: z.strictObject({
      ...paging,
      /** Of their runs: one, or several with commas. */
      state: z.string().optional(),
      /** A name, or a beginning such as `images*`. */
      queue: z.string().optional(),
    }),
    answers: { 200: { json: listOf(groupSummary) } },
    errors: ['invalid-cursor', ...OF_LEADER],
  }),
  route({
    name: 'getGroup',
    method: 'GET',
    path: '/v1/groups/:run',
    summary: 'A group: how many of its tasks have ended, and the tasks that follow from that',
    permission: 'see',
    answeredBy: 'leader',
    params: ofGroup,
    answers: { 200: { json: group } },
    errors: ['conflict', ...OF_GROUP],
  }),
  route({
    name: 'openGroup',
    method: 'POST',
    path: '/v1/groups',
    summary: 'Opens a group of tasks, with the tasks that follow from how it ends',
    permission: 'submit',
    answeredBy: 'any',
    body: { json: groupInput },
    answers: { 200: { json: groupOpened }, 201: { json: groupOpened } },
    errors: OF_START,
    disableable: 'submit',
    idempotent: true,
  }),
  route({
    name: 'addToGroup',
    method: 'POST',
    path: '/v1/groups/:run/tasks',
    summary: 'Adds tasks to an open group; as NDJSON as many as you like, one a line',
    permission: 'submit',
    answeredBy: 'any',
    params: ofGroup,
    body: { json: groupTasks, ndjson: true },
    answers: { 200: { json: groupAdded } },
    errors: [
      'conflict',
      'payload-too-large',
      'unsupported-media-type',
      'command-timeout',
      'unknown-outcome',
      ...OF_GROUP,
    ],
    disableable: 'submit',
  }),
  route({
    name: 'closeGroup',
    method: 'POST',
    path: '/v1/groups/:run/close',
    summary: 'The group takes no more tasks; when those that it has end, its callbacks run',
    permission: 'submit',
    answeredBy: 'any',
    params: ofGroup,
    body: { json: withReason },
    answers: { 200: { json: groupClosed } },
    errors: ['conflict', 'command-timeout', ...OF_GROUP],
    disableable: 'submit',
  }),
] as const;
