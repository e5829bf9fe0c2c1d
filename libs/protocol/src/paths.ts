import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { isBatchId, type BatchId, type DefinitionKind } from '@drover/core';

/**
 * The znode tree. The one place that knows a path; everybody else calls these functions. `docs/znodes.md` is generated
 * from `TREE`. All paths are relative to the root, which is the chroot of the connection.
 */
export const TREE = [
  [
    '/',
    'persistent',
    'the process that creates the root',
    'access mode: open to everybody, or to those with its credentials',
  ],
  [
    '/epoch',
    'persistent',
    'a candidate that wins; the leader for each new term',
    'the epoch; its znode VERSION is the fence',
  ],
  ['/leader', 'ephemeral', 'the leader, in the multi that raises /epoch', 'the current leader'],
  ['/schedulers/<id>', 'ephemeral', 'the scheduler', 'one per replica'],
  ['/workers/<worker>', 'ephemeral', 'the worker', 'capacity, types, labels, state, long-running tasks'],
  ['/tasks/<bucket>/<batch>', 'persistent', 'the client, once; the leader when it is finished', 'a batch of tasks'],
  ['/tasks/<bucket>/<batch>/<result>', 'persistent', 'the worker, or the leader in its place', 'how attempts ended'],
  ['/plans/<plan>', 'persistent', 'whoever starts a run of it; the leader removes it', 'a plan of flows'],
  [
    '/flows/<bucket>/<flow>',
    'persistent',
    'whoever starts it, once; the leader when its runs have ended',
    'up to 500 runs of one plan',
  ],
  ['/flows/<bucket>/<flow>/<note>', 'persistent', 'the leader', 'signals, requests and ends of its runs'],
  [
    '/assignments/<worker>',
    'persistent',
    'the worker creates it, the leader writes and removes it',
    'whether the worker is draining',
  ],
  [
    '/assignments/<worker>/<assignment>',
    'persistent',
    'the leader',
    'assigned tasks; it exists exactly while they are assigned',
  ],
  [
    '/broadcasts/<bucket>/<broadcast>',
    'persistent',
    'the client, once; the leader when it is closed and when it has finished',
    'a broadcast: a task for each worker',
  ],
  [
    '/broadcasts/<bucket>/<broadcast>/<part>',
    'persistent',
    'the leader, in the transaction that creates the batch, or removes it',
    'says that the batch is a part of it; empty',
  ],
  ['/queues/<queue>', 'persistent', 'the leader, on command', 'settings of a queue, if it has any'],
  ['/schedules/<page>', 'persistent', 'the leader, on command', 'up to 128 schedules, one a line'],
  [
    '/schedules/<page>/state',
    'persistent',
    'the leader, in the transaction that creates fires, or on command',
    'what each of them has fired, and when it is due next',
  ],
  ['/calendars/<name>', 'persistent', 'the leader, on command', 'dates that schedules name'],
  ['/limits/<name>', 'persistent', 'the leader, on command', 'a limit of tasks'],
  [
    '/limits/<name>/<shard>',
    'persistent',
    'the leader, before it hands out by it',
    'how far the starts of keys are reserved, of a limit with a rate',
  ],
  [
    '/accounts/<name>',
    'persistent',
    'the leader, on command',
    'an account: its weight, what it is guaranteed, its limit',
  ],
  [
    '/pools/<name>',
    'persistent',
    'the leader, on command',
    'a pool of workers, and what advice about its size goes by',
  ],
  ['/resources/<name>', 'persistent', 'the leader, on command', 'how much there is of a floating resource'],
  ['/commands/<id>', 'ephemeral', 'the client; the leader adds the answer', 'requests to the leader'],
  [
    '/keys/<bucket>/<hash>',
    'persistent',
    'the client, with the batch; the leader removes it, and creates it again for a retry',
    'the key of an unfinished task, or of a request that made a batch',
  ],
  [
    '/access/tokens/<id>',
    'persistent',
    'whoever makes the token; whoever revokes it, or makes another when it is long expired, removes it',
    'the hash of a token of the API, and what it allows',
  ],
  [
    '/access/session-key',
    'persistent',
    'a scheduler, once a week',
    'the keys that seal what browsers and replicas show',
  ],
  ['/intake', 'persistent', 'the leader, when it changes', 'whether the system accepts new tasks'],
  ['/status', 'persistent', 'the leader, once a second at most', 'the source of `drover status`'],
] as const satisfies readonly (readonly [path: string, mode: string, writer: string, meaning: string])[];

export const ROOTS = {
  epoch: '/epoch',
  leader: '/leader',
  schedulers: '/schedulers',
  workers: '/workers',
  tasks: '/tasks',
  assignments: '/assignments',
  broadcasts: '/broadcasts',
  queues: '/queues',
  schedules: '/schedules',
  calendars: '/calendars',
  limits: '/limits',
  accounts: '/accounts',
  pools: '/pools',
  resources: '/resources',
  commands: '/commands',
  keys: '/keys',
  access: '/access',
  plans: '/plans',
  flows: '/flows',
  intake: '/intake',
  status: '/status',
} as const;

/** Of the API: its tokens, and the keys that all schedulers share. */
export const TOKENS = `${ROOTS.access}/tokens`;
export const SESSION_KEY = `${ROOTS.access}/session-key`;

/** Keeps every directory small enough to be listed by `zkCli.sh`. */
export const BUCKETS: readonly string[] = Array.from({ length: 64 }, (_, i) => i.toString(16).padStart(2, '0'));

/** The persistent znodes that must exist before anything else does, parents first. */
export const LAYOUT: readonly string[] = [
  ...[ROOTS.schedulers, ROOTS.workers, ROOTS.tasks, ROOTS.assignments, ROOTS.queues, ROOTS.commands, ROOTS.keys],
  ...[ROOTS.schedules, ROOTS.calendars, ROOTS.limits, ROOTS.access, TOKENS],
  ...[ROOTS.plans, ROOTS.flows, ROOTS.broadcasts, ROOTS.accounts, ROOTS.pools, ROOTS.resources],
  ...BUCKETS.map((bucket) => `${ROOTS.tasks}/${bucket}`),
  ...BUCKETS.map((bucket) => `${ROOTS.keys}/${bucket}`),
  ...BUCKETS.map((bucket) => `${ROOTS.flows}/${bucket}`),
  ...BUCKETS.map((bucket) => `${ROOTS.broadcasts}/${bucket}`),
];

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The bucket of a batch follows from the last two characters of its id, which are random. */
export function bucketOf(batch: BatchId): string {
  const value = CROCKFORD.indexOf(batch.charAt(24)) * 32 + CROCKFORD.indexOf(batch.charAt(25));
  return BUCKETS[value % 64] ?? '00';
}

export const schedulerPath = (id: string): string => `${ROOTS.schedulers}/${id}`;
export const workerPath = (worker: string): string => `${ROOTS.workers}/${worker}`;
export const queuePath = (queue: string): string => `${ROOTS.queues}/${queue}`;
export const schedulesPath = (page: string): string => `${ROOTS.schedules}/${page}`;
export const scheduleStatePath = (page: string): string => `${ROOTS.schedules}/${page}/state`;
export const calendarPath = (name: string): string => `${ROOTS.calendars}/${name}`;
export const limitPath = (name: string): string => `${ROOTS.limits}/${name}`;
export const limitShardPath = (name: string, shard: string): string => `${ROOTS.limits}/${name}/${shard}`;
const DEFINITIONS = { account: ROOTS.accounts, pool: ROOTS.pools, resource: ROOTS.resources } as const;
/** The directory of the accounts, of the pools or of the floating resources. */
export const definitionsPath = (kind: DefinitionKind): string => DEFINITIONS[kind];
export const definitionPath = (kind: DefinitionKind, name: string): string => `${DEFINITIONS[kind]}/${name}`;
export const tokenPath = (id: string): string => `${TOKENS}/${id}`;
export const commandPath = (id: string): string => `${ROOTS.commands}/${id}`;
export const batchPath = (batch: BatchId): string => `${ROOTS.tasks}/${bucketOf(batch)}/${batch}`;
export const broadcastPath = (id: BatchId): string => `${ROOTS.broadcasts}/${bucketOf(id)}/${id}`;
export const broadcastPartPath = (id: BatchId, batch: BatchId): string => `${broadcastPath(id)}/${batch}`;
export const resultPath = (batch: BatchId, result: string): string => `${batchPath(batch)}/${result}`;
export const workerAssignmentsPath = (worker: string): string => `${ROOTS.assignments}/${worker}`;
export const assignmentPath = (worker: string, assignment: string): string =>
  `${ROOTS.assignments}/${worker}/${assignment}`;

export const planPath = (plan: string): string => `${ROOTS.plans}/${plan}`;
/** The id of a flow is that of a batch: it names up to 500 runs. */
export const flowPath = (flow: BatchId): string => `${ROOTS.flows}/${bucketOf(flow)}/${flow}`;
/** `note`: as an assignment, `e<epoch>-<n>`. */
export const notePath = (flow: BatchId, note: string): string => `${flowPath(flow)}/${note}`;

/** The name of a plan is the hash of its text. */
export const planHash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);

/** The queue under which the unique keys of runs stand in `/keys`; no queue has a colon in its name. */
export const flowKeyQueue = (name: string): string => `flow:${name}`;

/** Keys belong to a queue; the hash makes any text a path component. */
export function keyPath(queue: string, key: string): string {
  const hash = bytesToHex(sha256(utf8ToBytes(`${queue}\0${key}`))).slice(0, 40);
  return `${ROOTS.keys}/${BUCKETS[parseInt(hash.slice(0, 2), 16) % 64] ?? '00'}/${hash}`;
}

/** The key of a request, which is a hash: no queue has an empty name, so it is no key of a task. */
export const requestKeyPath = (requestKey: string): string => keyPath('', requestKey);

/**
 * The batch, and the result, that a path below `/tasks` names; `null` for other paths, and for a batch in another's
 * bucket.
 */
export function parseTasksPath(path: string): { batch: BatchId; result: string | null } | null {
  const parsed = parseBucketPath('tasks', path);
  return parsed === null ? null : { batch: parsed.id, result: parsed.child };
}

/** The flow, and the note, that a path below `/flows` names; `null` as in `parseTasksPath`. */
export function parseFlowsPath(path: string): { flow: BatchId; note: string | null } | null {
  const parsed = parseBucketPath('flows', path);
  return parsed === null ? null : { flow: parsed.id, note: parsed.child };
}

/** The broadcast, and the batch of it, that a path below `/broadcasts` names; `null` for other paths. */
export function parseBroadcastsPath(path: string): { broadcast: BatchId; batch: string | null } | null {
  const parsed = parseBucketPath('broadcasts', path);
  return parsed === null ? null : { broadcast: parsed.id, batch: parsed.child };
}

function parseBucketPath(root: string, path: string): { id: BatchId; child: string | null } | null {
  const [before, top, bucket, id, child = null, ...deeper] = path.split('/');
  if (before !== '' || top !== root || child === '' || deeper.length > 0) return null;
  return id !== undefined && isBatchId(id) && bucket === bucketOf(id) ? { id, child } : null;
}

/** `/workers/w1-ab` to `w1-ab`; `null` for the parent, for deeper paths and for other trees. */
export function childOf(parent: string, path: string): string | null {
  if (!path.startsWith(`${parent}/`)) return null;
  const name = path.slice(parent.length + 1);
  return name === '' || name.includes('/') ? null : name;
}
