import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { encodeBatch } from './batch.js';
import { assignmentName, originName, resultName } from './names.js';
import {
  assignmentPath,
  batchPath,
  calendarPath,
  limitPath,
  limitShardPath,
  commandPath,
  keyPath,
  queuePath,
  resultPath,
  ROOTS,
  schedulerPath,
  scheduleStatePath,
  schedulesPath,
  SESSION_KEY,
  tokenPath,
  workerAssignmentsPath,
  workerPath,
} from './paths.js';
import { shardOf } from './limits.js';
import { encodeRecord, type RecordKind } from './records.js';
import { encodeSchedules, encodeScheduleStates, type BackfillRecord } from './schedules.js';
import { encodeEnd, encodeFailure, encodeResult, encodeSucceeded, withLog } from './result.js';

/** One znode of the document. The codecs make it, so that it is exactly as Drover writes it. */
export interface Example {
  /** The path pattern, as in `TREE`. */
  readonly path: string;
  /** The kind of record whose fields the document lists; null: the text describes the data. */
  readonly kind: RecordKind | null;
  readonly why: string;
  readonly at: string;
  readonly data: string;
}

const NOW = 1_767_225_600_000;
const BATCH = '01KDVDK000ABCDEFGHJKMNPQRS';
const BACKFILL: BackfillRecord = {
  ...{ id: '01KDVDK000ABCDEFGHJKMNPQRV', from: NOW - 48 * 3_600_000, to: NOW, cursor: NOW - 40 * 3_600_000 },
  ...{ parallel: 4, order: 'oldest', redo: 'missing', fired: 8, skipped: 0, asked: { by: 'ada', at: NOW } },
};
const DEAD_BATCH = '01KDVDK000ABCDEFGHJKMNPQRW';
const FIRE_BATCH = '01KDVDK000ABCDEFGHJKMNPQRT';
const WORKER = 'w1-1rk0zb3m9q';
const origin = { epoch: 7, n: 42 };
const group = { ...DEFAULT_TASK_OPTIONS, type: 'resize', timeoutMs: 30_000, tenant: 'acme', priority: 5 };

/** Made anew with each call: only the document and tests need them, and the codecs take their time. */
export const examples = (): readonly Example[] => [
  {
    path: '/',
    kind: 'root',
    why:
      'The access mode of this root, decided by the process that creates it. `open`: everybody may use it. ' +
      '`shared`: every znode belongs to the credentials of its creator, and all processes share them. Roots of ' +
      'earlier versions have no record: they are open.',
    at: '/',
    data: encodeRecord('root', { acl: 'shared' }),
  },
  {
    path: '/epoch',
    kind: 'epoch',
    why:
      'The fence. Every write of a leader is a transaction that checks the *version* of this znode. The winner ' +
      'of an election sets it, and so does every new term of a leader; after that ZooKeeper rejects all writes ' +
      'of earlier terms. `epoch` is for people; the fence is `dataVersion` (`get -s /epoch`).',
    at: ROOTS.epoch,
    data: encodeRecord('epoch', { epoch: 7, leader: 's2', at: NOW }),
  },
  {
    path: '/leader',
    kind: 'leader',
    why:
      "The leader. It is created in the transaction that raises `/epoch`, and disappears with the leader's " +
      'session, or when the leader stops. Without this znode there is no leader at the moment; workers continue ' +
      "with their assignments. `api`: the URL of the leader's API, if it has one.",
    at: ROOTS.leader,
    data: encodeRecord('leader', { id: 's2', host: 'zeus', pid: 4711, epoch: 7 }),
  },
  {
    path: '/schedulers/<id>',
    kind: 'scheduler',
    why:
      'One per living scheduler, the leader included. `understands` names the features of records that it knows ' +
      '(see `needs` above), if there are any; `api` is the URL of its API, if it has one.',
    at: schedulerPath('s2'),
    data: encodeRecord('scheduler', {
      id: 's2',
      host: 'zeus',
      pid: 4711,
      version: '0.1.0',
      startedAt: NOW,
      tz: '2025c',
    }),
  },
  {
    path: '/workers/<worker>',
    kind: 'worker',
    why:
      "One per living worker; the name is the worker's, a dash, and its session. When it disappears, the leader " +
      "revokes the worker's assignments. `running` names tasks that have been running for a while, with the " +
      'progress that their handlers reported; the worker writes it only when it changed, at most every two ' +
      'seconds. `api` and `apiSecret`: where it serves the logs of its runs to schedulers, and what they show it. `understands` names the features of records that the worker knows (see `needs` above), if there ' +
      'are any: the leader assigns it no others.',
    at: workerPath(WORKER),
    data: encodeRecord('worker', {
      name: 'w1',
      host: 'hera',
      pid: 815,
      version: '0.1.0',
      startedAt: NOW,
      capacity: 8,
      weight: 1,
      labels: { zone: 'a' },
      types: ['resize', 'shell'],
      state: 'accepting',
      running: [{ task: `${BATCH}.1`, attempt: 1, startedAt: NOW, progress: 0.4, note: 'page 12 of 30' }],
      runningNow: 3,
      api: 'http://10.0.0.7:9464',
      apiSecret: 'zK3y1Zx0uGm8Ck4Rr9wN2fTq',
    }),
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why:
      'A batch: up to 500 tasks that were submitted together, written once. The first line has the options, in ' +
      '`groups` of consecutive tasks that share them (defaults are omitted: 3 attempts, no timeout, no delay, no tenant, priority 0); ' +
      'each further line is the payload of one task. When every task has finished, the leader rewrites the ' +
      'znode: `finished` has the counts, and only the payloads of failed tasks are kept, so that `drover retry` ' +
      'can run them again (`kept` has their indexes, `attempts` their last attempts). `cancelled` names the ' +
      'cancelled tasks, as stretches, if others succeeded. `traces` has the W3C trace contexts of tasks that are ' +
      'sampled, where there are any; leaders overlook it. `request` is there where the submitter chose the id of the ' +
      'batch, or a key for its request: a fingerprint by which a repeated request is told from another one. `erased` ' +
      'names tasks whose payload, result and errors somebody has erased. Retention removes the batch with its results.',
    at: batchPath(BATCH),
    data: encodeBatch(
      {
        ...{ queue: 'images', count: 2, groups: [{ ...group, count: 2 }], at: NOW, client: 'web-3' },
        traces: [{ tasks: [[1, 2]], traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }],
        request: '9f86d081884c7d65',
      },
      ['{"image":"a.png"}', '{"image":"b.png"}'],
    ),
  },
  {
    path: '/tasks/<bucket>/<batch>/<result>',
    kind: null,
    why:
      'How attempts ended. The name is that of the assignment, `e<epoch>-<n>`, and a part. Part `ok` is the only ' +
      'report of an assignment whose tasks all succeeded; it has, in microseconds, how long the tasks took the ' +
      'worker, and how long the worker had the assignment (other parts have this in `spent`). Parts `0`, `1`, .. ' +
      'are reports of some of the tasks, or a last one with other outcomes. Part `end` was written by a leader, ' +
      'for tasks that it revoked, cancelled or requeued. The first line has the outcome of each stretch of ' +
      'tasks: `succeeded`, `failed`, `rejected` (no further attempt), `timed-out`, `cancelled`, `lost` (with its ' +
      'worker), `returned` (handed back before it started), `requeued` (by `drover retry`), possibly with the ' +
      'delay in ms before the next attempt. Then comes one line for each task that succeeded, failed, was ' +
      'rejected or timed out, with the end of its log (`log`) if the worker stores that. `busy`, in microseconds, adds up how long its tasks took; only where the assignment ' +
      'asks for it (`timed`).',
    at: resultPath(BATCH, resultName({ ...origin, part: 0 })),
    data: encodeResult(
      {
        worker: WORKER,
        attempt: 1,
        at: NOW,
        ends: [
          { from: 0, to: 1, outcome: 'succeeded' },
          { from: 1, to: 2, outcome: 'failed', retryAfterMs: 5_000 },
        ],
        spent: { ranUs: 15_600, heldUs: 16_120 },
        busyUs: 15_600,
      },
      [
        encodeSucceeded('{"width":640}', 12.5),
        withLog(
          encodeFailure({ name: 'Error', message: 'no such image', retryable: true }, 3.1),
          JSON.stringify(['looking for b.png']),
        ),
      ],
    ),
  },
  {
    path: '/tasks/<bucket>/<batch>/<result>',
    kind: null,
    why: 'The same, written by a leader after the worker of the second attempt had died.',
    at: resultPath(BATCH, resultName({ ...origin, n: 43, part: 'end' })),
    data: encodeEnd({ worker: WORKER, attempt: 2, at: NOW, ends: [{ from: 1, to: 2, outcome: 'lost' }] }),
  },
  {
    path: '/tasks/<bucket>/<batch>/<result>',
    kind: null,
    why: 'For a dead letter a task was started (`told`), in the same transaction: its queue has `onDead`.',
    at: resultPath(BATCH, resultName({ ...origin, n: 44, part: 'end' })),
    data: encodeEnd({ worker: 's2', leader: true, attempt: 0, at: NOW, ends: [], told: [[1, 2]] }),
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why: 'The batch of that task. `deadLettersOf`: the queue of the dead letters; for its own nothing is started.',
    at: batchPath(DEAD_BATCH),
    data: encodeBatch(
      {
        ...{
          queue: 'alerts',
          count: 1,
          groups: [{ ...group, type: 'page-somebody', count: 1 }],
          at: NOW,
          client: 's2',
        },
        deadLettersOf: 'images',
      },
      [`{"task":"${BATCH}.1","queue":"images","type":"resize","outcome":"lost","attempts":3,"diedAt":${NOW}}`],
    ),
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why:
      'A batch that the leader created, because schedules were due. It needs `fires`, so that no earlier version runs ' +
      'it. `fires` has, for each task, the schedule, the number of the fire, its nominal time and its kind (`time`, ' +
      '`catch-up`, `trigger`, `backfill`), and where it differs `due`, how many were `missed` before, how it must ' +
      '`wait` until every earlier fire has ended, and the `id` of the command that triggered it, or of its back-fill.',
    at: batchPath(FIRE_BATCH),
    data: encodeBatch(
      {
        ...{ queue: 'reports', count: 1, groups: [{ ...group, type: 'report', count: 1 }], at: NOW, client: 's2' },
        fires: [{ schedule: 'nightly', n: NOW + 41, nominal: NOW, kind: 'time', due: NOW, missed: 0, wait: 'latest' }],
        needs: ['fires'],
      },
      ['{"kind":"daily"}'],
    ),
  },
  {
    path: '/assignments/<worker>',
    kind: 'workerAssignments',
    why:
      "The parent of the worker's assignments. The worker creates it together with its own znode; the leader " +
      'sets `draining` (`drover drain`) with the requester and the reason, and removes the znode after the ' +
      'worker is gone.',
    at: workerAssignmentsPath(WORKER),
    data: encodeRecord('workerAssignments', {
      draining: true,
      drainedBy: { by: 'ada', reason: 'new kernel', at: NOW },
    }),
  },
  {
    path: '/assignments/<worker>/<assignment>',
    kind: 'assignment',
    why:
      `Tasks of one batch that are assigned to the worker, all with the same attempt number. The name is the batch and \`${originName(origin)}\`: ` +
      'the epoch in which it was created, and a number. It exists exactly while the tasks are assigned: the last report deletes it ' +
      'in its own transaction, and so does a leader that revokes it; only one of the two can succeed. `recall` asks the worker to ' +
      'hand back tasks that it has not started, `cancel` to abort the tasks that it names. `timed` asks to tell in ' +
      'reports how long the tasks took.',
    at: assignmentPath(WORKER, assignmentName(BATCH, origin)),
    data: encodeRecord('assignment', { batch: BATCH, tasks: [[0, 2]], attempt: 1, epoch: 7, at: NOW, timed: true }),
  },
  {
    path: '/queues/<queue>',
    kind: 'queue',
    why:
      'Settings of a queue. A queue with default settings has no znode: not paused, priority 0, weight 1, no ' +
      'limits, tenants that share alike by tasks, no minimum share. A limit of each tenant needs `service-order`, tasks for dead letters need `on-dead`. `pausedBy` has the requester and the reason of the pause, `changedBy` those of the last change.',
    at: queuePath('images'),
    data: encodeRecord('queue', {
      ...{ paused: true, priority: 10, weight: 3, maxRunning: 100 },
      ...{ tenants: { acme: 3 }, fairness: 'time', minShare: 0.05 },
      onDead: { type: 'page-somebody', queue: 'alerts' },
      needs: ['on-dead'],
      pausedBy: { by: 'ada', reason: 'the image server is down', at: NOW },
      changedBy: { by: 'ada', reason: 'the image server is down', at: NOW },
    }),
  },
  {
    path: '/schedules/<page>',
    kind: null,
    why:
      'Schedules, one a line, 128 or 48 KiB at most. The leader writes them, when somebody asks it to. `slot` is the ' +
      'place of its line in the state; `revision` grows with each change; numbers of its fires are above `since`, so ' +
      'those of an earlier schedule of the same name are told apart.',
    at: schedulesPath('0'),
    data: encodeSchedules([
      {
        ...{ slot: 0, name: 'nightly', revision: 3, since: NOW },
        spec: {
          when: [{ cron: '30 2 * * MON-FRI', tz: 'Europe/Berlin' }],
          run: { type: 'report', payload: { kind: 'daily' }, queue: 'reports' },
          overlap: 'buffer-latest',
        },
        changedBy: { by: 'ada', at: NOW },
      },
      {
        ...{ slot: 2, name: 'sync', revision: 1, since: NOW + 500 },
        spec: { when: [{ every: 900_000 }], run: { type: 'sync' } },
        changedBy: { at: NOW },
      },
    ]),
  },
  {
    path: '/schedules/<page>/state',
    kind: null,
    why:
      'The states of these schedules: the leader sets them in the transaction that creates the tasks, so a fire and the ' +
      'mark that it fired are one. Each line has the slot, the mark (every nominal time up to it is decided), the ' +
      'next nominal time and when it is due, the number of the last fire, the counts of fired, skipped, missed, ' +
      'excluded and failed ones, how many failed in a row and the number of the last one counted, the count of ' +
      'missed ones at the last fire, and that fire: nominal time, due time, task. Last come values that few have: `paused`, ' +
      '`endedAt`, `reasons`, and `backfills`: with `order` `oldest` the times before `cursor` are decided, with `newest` it ' +
      'and those after it; the cursor moves in the transaction that creates the tasks. `tz` is the version of the zone data ' +
      'by which the next times were reckoned: a leader with other data reckons them anew.',
    at: scheduleStatePath('0'),
    data: encodeScheduleStates(
      [
        {
          ...{ slot: 0, mark: NOW, next: NOW + 86_400_000, due: NOW + 86_400_000, seq: NOW + 41 },
          ...{ fired: 41, skipped: 1, missed: 2, excluded: 0, failed: 1, streak: 0, judged: NOW + 40, missedThen: 2 },
          last: [NOW, NOW, `${FIRE_BATCH}.0`],
          more: {
            reasons: { missed: 'no leader led', skipped: 'an earlier fire had not ended' },
            backfills: [BACKFILL],
          },
        },
        {
          ...{ slot: 2, mark: NOW, next: null, due: null, seq: NOW + 500 },
          ...{
            fired: 0,
            skipped: 0,
            missed: 0,
            excluded: 0,
            failed: 0,
            streak: 0,
            judged: 0,
            missedThen: 0,
            last: null,
          },
          more: { paused: { by: 'ada', reason: 'migration', at: NOW } },
        },
      ],
      '2025c',
    ),
  },
  {
    path: '/calendars/<name>',
    kind: 'calendar',
    why: 'Dates that schedules exclude by its name. The leader writes it, when somebody asks it to.',
    at: calendarPath('holidays-de'),
    data: encodeRecord('calendar', { dates: ['2026-12-25', '2026-12-26'], changedBy: { by: 'ada', at: NOW } }),
  },
  {
    path: '/limits/<name>',
    kind: 'limit',
    why:
      'A limit: so many tasks of a key out at a time (`concurrency`), and so many starts in a time (`rate`). The leader ' +
      'writes it, when somebody asks it to. `on` says which tasks are under it besides those that name it (`null`: no ' +
      'others), `per` what counts by itself. `holds` has the keys of which nothing is to start, and until when.',
    at: limitPath('stripe'),
    data: encodeRecord('limit', {
      revision: 2,
      spec: { concurrency: 10, rate: { limit: 100, periodMs: 1_000, burst: 20 }, on: null, per: 'key' },
      changedBy: { by: 'ada', at: NOW },
      holds: { acme: NOW + 30_000 },
    }),
  },
  {
    path: '/limits/<name>/<shard>',
    kind: 'limitShard',
    why:
      'Of a limit with a rate: up to when the starts of each of its active keys are reserved, and until when a key is ' +
      'held because a worker asked for it. The leader writes it in the same transaction as the assignments that ' +
      'rely on it, or in an earlier one; the next leader goes on from there, so no change of leader lets more tasks start. ' +
      'A key falls to one of 16 shards, and is left out when its time has passed.',
    at: limitShardPath('stripe', '0b'),
    data: encodeRecord(
      'limitShard',
      shardOf([
        { key: 'acme', tat: NOW + 1_000, holdUntil: NOW + 30_000 },
        { key: 'zoo', tat: NOW + 740, holdUntil: 0 },
      ]),
    ),
  },
  {
    path: '/commands/<id>',
    kind: 'command',
    why:
      'A request to the leader: `cancel`, `retry`, `drain`, `configure`, `why`. The leader executes it, then adds ' +
      '`answer`; the client reads the answer and removes the znode. A request without an answer was not ' +
      'executed, or its leader died before the answer. `by` and `reason` name the requester and the reason.',
    at: commandPath('01KDVDK00000000000000000C1'),
    data: encodeRecord('command', {
      request: { kind: 'cancel', tasks: [`${BATCH}.1`] },
      ...{ by: 'ada', reason: 'duplicate' },
      answer: { ok: true, tasks: [{ task: `${BATCH}.1`, ok: true, state: 'cancelled' }] },
    }),
  },
  {
    path: '/keys/<bucket>/<hash>',
    kind: 'key',
    why:
      'The key of an unfinished task. The client creates it in the transaction that creates the batch, so ' +
      'ZooKeeper refuses a second task with the same key, and its client learns the id of the first. The leader ' +
      'removes it when the task has finished; if a failed task is retried, the leader creates it again, in the ' +
      'transaction that records the retry. The key of a request that made a batch stands here too, as a hash and with an ' +
      'empty queue: the submitter creates it with the batch, and the leader removes it with the batch.',
    at: keyPath('images', 'a.png'),
    data: encodeRecord('key', { task: `${BATCH}.0`, queue: 'images', key: 'a.png' }),
  },
  {
    path: '/access/tokens/<id>',
    kind: 'token',
    why:
      'A token of the API. It is shown once, when it is made; the znode has its hash and what it allows. Removing the ' +
      'znode revokes it: every replica follows this directory. In a root that is open to everybody, so is this.',
    at: tokenPath('4k9x2m7q1b'),
    data: encodeRecord('token', {
      name: 'ci',
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      roles: ['submitter', 'viewer'],
      queues: ['builds', 'images*'],
      createdAt: NOW,
      createdBy: 'ada',
      expiresAt: NOW + 90 * 86_400_000,
    }),
  },
  {
    path: '/access/session-key',
    kind: 'sessionKeys',
    why:
      'The keys with which schedulers seal the cookies of browsers and sign what they ask each other, so that any of ' +
      'them takes what another made. The first one seals, all of them open. A scheduler puts a new one in front once a ' +
      'week and drops the oldest of more than two. Removing the znode signs every browser out.',
    at: SESSION_KEY,
    data: encodeRecord('sessionKeys', {
      keys: [{ id: '1k2m', key: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8', at: NOW }],
    }),
  },
  {
    path: '/intake',
    kind: 'intake',
    why:
      'The intake: whether the system accepts new tasks. The leader closes it while more is unfinished than its ' +
      'limits allow, and opens it again at nine tenths of them. Clients watch it and refuse new tasks while it ' +
      'is closed, with its `reason`; tasks that were accepted before are not affected. `code` is `tasks`, ' +
      "`bytes`, `names` (distinct names of queues or types of unfinished tasks) or `quota` (ZooKeeper's). `full` names queues, and " +
      'tenants of queues, that have as many unfinished tasks as `maxPending` and `maxPendingPerTenant` of the queue ' +
      'allow: clients refuse tasks for these only. It names 1,000 at most; `fullLeftOut` counts the others.',
    at: ROOTS.intake,
    data: encodeRecord('intake', {
      ...{ open: false, code: 'tasks', reason: '5,000,001 tasks are unfinished, 5,000,000 are allowed' },
      ...{ tasks: 5_000_001, bytes: 480_000_096, names: 12 },
      ...{ maxTasks: 5_000_000, maxBytes: 1_073_741_824, maxNames: 100_000 },
      full: [
        { queue: 'images', max: 50_000 },
        { queue: 'mail', maxPerTenant: 5_000, tenants: ['acme'] },
      ],
    }),
  },
  {
    path: '/status',
    kind: 'status',
    why:
      'The source of `drover status`. The leader rewrites it when something changed, at most once a second. ' +
      'Finished tasks are counted as long as they are kept. `out` counts the tasks that are assigned to workers ' +
      '(`running` is the same number, for earlier versions). `queues` names the 100 busiest, `unservedTypes` 100 ' +
      'types; `queuesLeftOut` and `unservedTypesLeftOut` count the others. `unreadableBatches` counts the ' +
      'batches that this leader skips, because they need a feature that it does not know or are not valid; ' +
      'absent: none. `complete: false`: the leader has just taken over and is still reading, so the counts are ' +
      'partial. `unfinishedIds`: stretches of batch ids (their beginnings) with unfinished batches; the next ' +
      'leader reads those first.',
    at: ROOTS.status,
    data: encodeRecord('status', {
      at: NOW,
      epoch: 7,
      leader: 's2',
      tasks: { scheduled: 0, pending: 0, out: 1, running: 1, retrying: 0, succeeded: 1, failed: 0, cancelled: 0 },
      queues: { images: { paused: false, pending: 0, out: 1, running: 1 } },
      queuesLeftOut: 0,
      unservedTypes: [],
      unservedTypesLeftOut: 0,
      intake: { open: true },
      unfinishedIds: [['01J8Z0KB', '01J8Z0KC']],
    }),
  },
];
