import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { encodeBatch } from './batch.js';
import { encodeBroadcast } from './broadcasts.js';
import { FLOWS } from './features.js';
import { encodeFlow, encodeNotes } from './flows.js';
import { assignmentName, originName, resultName } from './names.js';
import {
  assignmentPath,
  batchPath,
  broadcastPartPath,
  broadcastPath,
  calendarPath,
  definitionPath,
  limitPath,
  limitShardPath,
  commandPath,
  flowPath,
  keyPath,
  notePath,
  planPath,
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
import {
  encodeEnd,
  encodeFailure,
  encodeResult,
  encodeSucceeded,
  PREEMPTED,
  withCheckpoint,
  withLog,
} from './result.js';

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
const STEP_BATCH = '01KDVDK000ABCDEFGHJKMNPQRX';
const DRAFT_BATCH = '01KDVDK000ABCDEFGHJKMNPQRY';
const FLOW = '01KDVDK000ABCDEFGHJKMNPQRZ';
const PLAN = '9f86d081884c7d659a2feaa0c55ad015';
const BROADCAST_ID = '01KDVDK000ABCDEFGHJKMNPQRX';
const PART = '01KDVDK000ABCDEFGHJKMNPQRY';
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
      '(see `needs` above), if there are any; `api` is the URL of its API, if it has one. `graceMs`: the time that it gives workers to end a task, while it leads.',
    at: schedulerPath('s2'),
    data: encodeRecord('scheduler', {
      id: 's2',
      host: 'zeus',
      pid: 4711,
      version: '0.1.0',
      startedAt: NOW,
      tz: '2025c',
      graceMs: 5_000,
    }),
  },
  {
    path: '/workers/<worker>',
    kind: 'worker',
    why:
      "One per living worker; the name is the worker's, a dash, and its session. When it disappears, the leader " +
      "revokes the worker's assignments. `running` names tasks that have been running for a while, with the " +
      'progress that their handlers reported; the worker writes it only when it changed, at most every two ' +
      'seconds. `api` and `apiSecret`: where it serves the logs of its runs to schedulers, and what they show it. `abortGraceMs`: the time that it gives handlers to end. `understands` names the features of records that the worker knows (see `needs` above), if there ' +
      'are any: the leader assigns it no others. `paces`: how long tasks ran there lately, by type, as bins of a sketch: the first bin and its count, then steps and counts; written every ten seconds at most, and only where it has changed. `used`: what its processes take of the processors and memory that it declares.',
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
      abortGraceMs: 2_000,
      ...{ resources: { cpu: 8_000, memory: 17_179_869_184 }, used: { cpu: 2_150, memory: 3_221_225_472 } },
      paces: { resize: [133, 4, 1, 31, 2, 8, 20, 1] },
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
    why:
      'The task made room for others (`preempted`); earlier versions overlook that, and take it for a failure. It has left ' +
      'something for its next attempt (`checkpoints`), whose assignment says where that stands.',
    at: resultPath(BATCH, resultName({ ...origin, n: 45, part: 0 })),
    data: encodeResult(
      {
        ...{ worker: WORKER, attempt: 3, at: NOW, ends: [{ from: 1, to: 2, outcome: 'preempted' }] },
        checkpoints: [[1, 2]],
      },
      [withCheckpoint(encodeFailure(PREEMPTED, 2_140), '{"rows":1200}')],
    ),
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
    path: '/plans/<plan>',
    kind: 'plan',
    why:
      'A plan: what a flow does, as data. Its name is a hash of its text, so it never changes, and runs that began with it ' +
      'go on with it when a newer version is there. The leader removes it when no flow has used it for ten minutes and no schedule ' +
      'names it: it sets it first, so whoever starts a run checks that the version is 0.',
    at: planPath(PLAN),
    data: '{"v":1,"name":"nightly","steps":{"list":{"kind":"task","type":"list-files","input":{"day":{"$input":["day"]}}}}}',
  },
  {
    path: '/flows/<bucket>/<flow>',
    kind: null,
    why:
      'Up to 500 runs of one plan, written once by whoever starts them: a header, then the input of each run. A run is named ' +
      '`<flow>.<index>`. How far it is stands nowhere: it follows from the batches that name its steps, their results, and the ' +
      'notes below. `finished` is set when all its runs have ended. A run that a schedule started says which `fire` it is, as `fires` ' +
      'of a batch does; its id follows from the fire.',
    at: flowPath(FLOW),
    data: encodeFlow({ name: 'nightly', plan: PLAN, count: 1, at: NOW, client: 'web-3' }, ['{"day":"2026-01-01"}']),
  },
  {
    path: '/flows/<bucket>/<flow>/<note>',
    kind: null,
    why:
      'The leader writes here about runs what follows from nothing else, one note a line: `signal`, `waits` (since when a step ' +
      'with a time waits), `timeout`, `cancel`, `retry`, `ended` (how runs ended, and where their outputs are), `closed` (a ' +
      'group takes no more tasks).',
    at: notePath(FLOW, originName(origin)),
    data: encodeNotes([
      { kind: 'signal', run: 0, step: 'publish?', answer: 'yes', payload: null, by: 'ada', at: NOW },
      { kind: 'ended', ends: [[0, 1, 'succeeded']], outputs: [['merge', 0, BATCH, 1, 1]], at: NOW },
    ]),
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why:
      'A batch of steps of runs, which the leader creates when they are ready. `of` has for consecutive tasks the flow, its plan, ' +
      'the step, the runs (or the items of one run), and in `reads` where the results are that they refer to. There are no ' +
      'payloads: the worker builds each of the plan, the input and these results.',
    at: batchPath(STEP_BATCH),
    data: encodeBatch(
      {
        queue: 'default',
        count: 1,
        groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'merge', count: 1 }],
        at: NOW,
        client: 's2',
        needs: [FLOWS],
        of: [{ flow: FLOW, plan: PLAN, step: 'merge', runs: [0, 1], reads: [['list', 0, BATCH, 0, 1]] }],
      },
      [],
    ),
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why:
      'A draft: items of a map, written before the map begins, by whoever starts the flow or by the worker whose task found ' +
      'them (`by`). Nothing of it is handed out until the leader sees that the map has begun.',
    at: batchPath(DRAFT_BATCH),
    data: encodeBatch(
      {
        queue: 'default',
        count: 1,
        groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'parse-file', count: 1 }],
        at: NOW,
        client: WORKER,
        needs: [FLOWS],
        draft: { flow: FLOW, run: 0, step: 'parse', from: 0, by: assignmentName(BATCH, origin) },
      },
      ['{"file":"a.log"}'],
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
    path: '/assignments/<worker>/<assignment>',
    kind: 'assignment',
    why:
      'The next attempt at a task that has left a checkpoint: the worker reads it in the result that `checkpoints` names. The ' +
      'leader asks it to make room again (`preempt`): it is aborted, and has `preemptGraceMs` for that.',
    at: assignmentPath(WORKER, assignmentName(BATCH, { ...origin, n: 46 })),
    data: encodeRecord('assignment', {
      ...{ batch: BATCH, tasks: [[1, 2]], attempt: 4, epoch: 7, at: NOW },
      ...{ preempt: [[1, 2]], preemptGraceMs: 30_000, checkpoints: [[1, 'e7-45.0']] },
    }),
  },
  {
    path: '/broadcasts/<bucket>/<broadcast>',
    kind: null,
    why:
      'A broadcast: each worker that offers the type and has the labels `where` runs its task once. Line 2 is the payload of ' +
      'all its tasks. `task` has their options, as far as they are not the default. From the `ctime` on it is open for ' +
      '`joinersMs`: names that appear are given a task, and workers that are gone are waited for. A newer broadcast of the ' +
      'same `key` closes it. The leader adds `closed` (`why`: `over`, `superseded` by `newer`, or `cancelled`), and, when ' +
      'each task has ended, `finished`. It removes the broadcast with the last of its batches.',
    at: broadcastPath(BROADCAST_ID),
    data: encodeBroadcast(
      {
        ...{
          queue: 'default',
          task: { ...DEFAULT_TASK_OPTIONS, type: 'flush-cache', timeoutMs: 30_000 },
          where: { zone: 'a' },
        },
        ...{ joinersMs: 3_600_000, key: 'flush', at: NOW, client: 'deploy@host1', needs: ['broadcast'] },
        closed: { at: NOW + 3_600_000, why: 'over' },
        finished: { at: NOW + 3_600_000, succeeded: 2, failed: 0, cancelled: 0 },
      },
      '{"cache":"prices"}',
    ),
  },
  {
    path: '/broadcasts/<bucket>/<broadcast>/<part>',
    kind: null,
    why: 'Says that the batch of this name is a part of the broadcast. It is empty, and goes with the batch.',
    at: broadcastPartPath(BROADCAST_ID, PART),
    data: '',
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why:
      'A part of a broadcast, which the leader makes: `broadcast.workers` names the workers, in the order of the tasks. A ' +
      'name has its task exactly when a batch names it. Until `until` a task waits for a worker of its name. There are no ' +
      'payloads here, also when it is finished.',
    at: batchPath(PART),
    data: encodeBatch(
      {
        ...{
          queue: 'default',
          count: 2,
          groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'flush-cache', timeoutMs: 30_000, count: 2 }],
        },
        ...{ at: NOW, client: 's2', broadcast: { id: BROADCAST_ID, workers: ['w1', 'w2'], until: NOW + 3_600_000 } },
        needs: ['broadcast'],
      },
      [],
    ),
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
    path: '/schedules/<page>',
    kind: null,
    why:
      'Schedules that start runs of flows or broadcasts have pages of their own: they need `fire-runs`, and earlier versions leave ' +
      'such a page alone. `plan` is the hash of the plan of which each fire starts a run.',
    at: schedulesPath('1'),
    data: encodeSchedules([
      {
        ...{ slot: 0, name: 'load', revision: 1, since: NOW },
        spec: { when: [{ every: 3_600_000 }], run: { flow: 'nightly', plan: PLAN, input: { day: 'today' } } },
        changedBy: { at: NOW },
      },
      {
        ...{ slot: 1, name: 'flush', revision: 1, since: NOW },
        spec: { when: [{ every: 3_600_000 }], run: { broadcast: 'flush-cache', where: { zone: 'a' } } },
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
    path: '/accounts/<name>',
    kind: 'account',
    why:
      'An account, which owns queues: its share beside others (`weight`), what it is guaranteed, and what its tasks hold at ' +
      'most. Amounts are bytes of memory and disk, and thousandths of all else. `lend: false`: what it is guaranteed and ' +
      'does not use stays free. The leader removes it on command.',
    at: definitionPath('account', 'search'),
    data: encodeRecord('account', {
      ...{ revision: 2, weight: 3, guarantee: { cpu: 40_000 }, limit: { cpu: 100_000, gpu: 4_000 }, lend: true },
      changedBy: { by: 'ada', reason: 'more of them this quarter', at: NOW },
    }),
  },
  {
    path: '/pools/<name>',
    kind: 'pool',
    why:
      'A pool of workers: how it is filled (`policy`), the accounts that it is dedicated to, by how much its resources are ' +
      'promised more than once (`overcommit`), a worker as it would be added (`template`), how long a new one is given less, ' +
      'and what advice about its size goes by. `webhookSecret` signs what is sent to `webhook`. The leader removes it on command.',
    at: definitionPath('pool', 'batch'),
    data: encodeRecord('pool', {
      ...{ revision: 1, policy: 'pack', dedicated: ['search'], overcommit: { cpu: 1.5 } },
      template: { resources: { cpu: 8_000, memory: 34_359_738_368, slots: 8_000 }, labels: { zone: 'a' }, types: null },
      ...{ warmupMs: 20_000, min: 2, max: 40, idleForMs: 300_000, drainWithinMs: 60_000, cooldownMs: 300_000 },
      bootWithinMs: 300_000,
      ...{ webhook: 'https://scaler.example/drover', webhookSecret: 'correct horse battery staple' },
      changedBy: { by: 'ada', at: NOW },
    }),
  },
  {
    path: '/resources/<name>',
    kind: 'resource',
    why:
      'A floating resource, which belongs to the whole system and to no worker, such as licences: how much of it there is, in ' +
      'thousandths. A total below what is held takes nothing away. The leader removes it on command.',
    at: definitionPath('resource', 'licence.x'),
    data: encodeRecord('resource', { revision: 1, total: 20_000, changedBy: { at: NOW } }),
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
      'partial. `removalDueSince`, `removalsRefused`: retention is behind; absent: it is not. `unfinishedIds`: stretches of batch ids (their beginnings) with unfinished batches; the next ' +
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
