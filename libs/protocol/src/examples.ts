import { encodeBatch } from './batch.js';
import { assignmentName, originName, resultName } from './names.js';
import {
  assignmentPath,
  batchPath,
  commandPath,
  keyPath,
  queuePath,
  resultPath,
  ROOTS,
  schedulerPath,
  workerAssignmentsPath,
  workerPath,
} from './paths.js';
import { encodeRecord, type RecordKind } from './records.js';
import { encodeEnd, encodeFailure, encodeResult, encodeSucceeded } from './result.js';

/** One znode of the document: made by the codecs, so that it is what they write. */
export interface Example {
  /** As in `TREE`. */
  readonly path: string;
  /** Whose fields are listed; null: the text says what the lines are. */
  readonly kind: RecordKind | null;
  readonly why: string;
  readonly at: string;
  readonly data: string;
}

const NOW = 1_767_225_600_000;
const BATCH = '01KDVDK000ABCDEFGHJKMNPQRS';
const WORKER = 'w1-1rk0zb3m9q';
const origin = { epoch: 7, n: 42 };
const group = { type: 'resize', maxAttempts: 3, timeoutMs: 30_000, delayMs: 0, retry: null, key: null };

export const EXAMPLES: readonly Example[] = [
  {
    path: '/',
    kind: 'root',
    why:
      'Who may use this root, decided by the process that makes it. `open`: everybody. `shared`: every znode belongs to ' +
      'the credentials of its creator, and all processes share them. Roots of earlier versions have no record: they are ' +
      'open.',
    at: '/',
    data: encodeRecord('root', { acl: 'shared' }),
  },
  {
    path: '/epoch',
    kind: 'epoch',
    why:
      'The fence. Every write of a leader is a transaction that checks the *version* of this znode; whoever wins an ' +
      'election, and every new term of a leader, sets it, and with that all writes of the term before are refused. Its ' +
      '`epoch` is for people; what counts is `dataVersion` (`get -s /epoch`).',
    at: ROOTS.epoch,
    data: encodeRecord('epoch', { epoch: 7, leader: 's2', at: NOW }),
  },
  {
    path: '/leader',
    kind: 'leader',
    why:
      'Who leads. It is made in the transaction that bumps `/epoch`, and goes with the session of the leader or when ' +
      'it stops. No such znode: nobody leads at this moment, workers go on with what they have. `api`: the URL at which the ' +
      'leader answers, where it does.',
    at: ROOTS.leader,
    data: encodeRecord('leader', { id: 's2', host: 'zeus', pid: 4711, epoch: 7 }),
  },
  {
    path: '/schedulers/<id>',
    kind: 'scheduler',
    why:
      'One per living scheduler, the leader included. `understands` names the features of records that it knows (see ' +
      '`needs` above), where there are any; `api` is the URL at which it answers, where it does.',
    at: schedulerPath('s2'),
    data: encodeRecord('scheduler', { id: 's2', host: 'zeus', pid: 4711, version: '0.1.0', startedAt: NOW }),
  },
  {
    path: '/workers/<worker>',
    kind: 'worker',
    why:
      "One per living worker; the name is the worker's, a dash, and its session. When it goes, the leader takes back " +
      'what the worker had. `running` names tasks that have been running for a while, with the progress that their ' +
      'handlers told; it is written only when something changed, every two seconds at most. `understands` names the ' +
      'features of records that it knows (see `needs` above), where there are any: the leader gives it no others.',
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
    }),
  },
  {
    path: '/tasks/<bucket>/<batch>',
    kind: null,
    why:
      'A batch: up to 500 tasks that were submitted together, written once. The first line says what they were ' +
      'submitted with, in `groups` of consecutive tasks that share it (what is not said is the default: 3 attempts, no ' +
      'timeout, no delay); then one payload a line. When every task has ended, the leader rewrites it: `finished` has ' +
      'the counts, only the payloads of failed tasks are kept (`kept` their indexes, `attempts` their last attempts), ' +
      'so that `drover retry` can run them again. `cancelled` names the tasks that were cancelled, as stretches, where some ' +
      'succeeded besides. Retention removes it, with its results.',
    at: batchPath(BATCH),
    data: encodeBatch({ queue: 'images', count: 2, groups: [{ ...group, count: 2 }], at: NOW, client: 'web-3' }, [
      '{"image":"a.png"}',
      '{"image":"b.png"}',
    ]),
  },
  {
    path: '/tasks/<bucket>/<batch>/<result>',
    kind: null,
    why:
      'How attempts ended. The name is `e<epoch>-<n>`, which is that of the assignment, and a part: `ok` is the one and ' +
      'last report of an assignment whose tasks all succeeded, and says in microseconds how long they took the worker, and ' +
      'how long it had the assignment (elsewhere: `spent`); `0`, `1`, .. are reports of some tasks, or a last one with ' +
      'other ends; `end` was written by a leader: what it took away, cancelled, or set to run again. The first line says ' +
      'which tasks ended how: `succeeded`, `failed`, `rejected` (failed for good), `timed-out`, `cancelled`, `lost` (with ' +
      'its worker), `returned` (handed back before it began), `requeued` (by `drover retry`), perhaps with the delay in ms ' +
      'before the next attempt; then one line for each task that succeeded, failed, was rejected or timed out.',
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
      },
      [
        encodeSucceeded('{"width":640}', 12.5),
        encodeFailure({ name: 'Error', message: 'no such image', retryable: true }, 3.1),
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
    path: '/assignments/<worker>',
    kind: 'workerAssignments',
    why:
      'The parent of what is out at the worker. The worker makes it together with its own znode; the leader sets ' +
      '`draining` (`drover drain`) with who asked for it and why, and removes it after the worker is gone.',
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
      `Tasks of one batch that are out at the worker, all with the same attempt number. The name is the batch and \`${originName(origin)}\`: ` +
      'the epoch in which it was made, and a count. It exists exactly while the work is out: the last report deletes it in ' +
      'its own transaction, and so does a leader that takes it away; only one of the two can succeed. With `recall` the ' +
      'leader asks the worker to hand back what has not begun, with `cancel` to abort these.',
    at: assignmentPath(WORKER, assignmentName(BATCH, origin)),
    data: encodeRecord('assignment', { batch: BATCH, tasks: [[0, 2]], attempt: 1, epoch: 7, at: NOW }),
  },
  {
    path: '/queues/<queue>',
    kind: 'queue',
    why:
      'Settings of a queue. One that has none needs no znode: not paused, priority 0, weight 1, no limit. ' +
      '`pausedBy` says who paused it and why, `changedBy` the same of the last change.',
    at: queuePath('images'),
    data: encodeRecord('queue', {
      ...{ paused: true, priority: 10, weight: 3, maxRunning: 100 },
      pausedBy: { by: 'ada', reason: 'the image server is down', at: NOW },
      changedBy: { by: 'ada', reason: 'the image server is down', at: NOW },
    }),
  },
  {
    path: '/commands/<id>',
    kind: 'command',
    why:
      'A request to the leader: `cancel`, `retry`, `drain`, `configure`. The leader does it, then adds `answer`; whoever ' +
      'asked reads the answer and removes the znode. Not answered means not done. `by` and `reason` say who asks and why.',
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
      'The key of an unfinished task. It is made in the transaction that makes the batch, so a second task with the same ' +
      'key is refused and its submitter given the id of the first. The leader removes it when the task has ended, and makes ' +
      'it again when a failed one is to run again, in the transaction that records that.',
    at: keyPath('images', 'a.png'),
    data: encodeRecord('key', { task: `${BATCH}.0`, queue: 'images', key: 'a.png' }),
  },
  {
    path: '/intake',
    kind: 'intake',
    why:
      'Whether the system takes more tasks. The leader closes it while more is unfinished than its limits allow, and opens ' +
      'it again at nine tenths of them. Submitters watch it and refuse new tasks while it is closed, with its `reason`; ' +
      'what was accepted before is not touched. `code` is `tasks`, `bytes`, `names` (distinct names of queues or of types ' +
      'with unfinished tasks) or `quota` (of ZooKeeper).',
    at: ROOTS.intake,
    data: encodeRecord('intake', {
      ...{ open: false, code: 'tasks', reason: '5,000,001 tasks are unfinished, 5,000,000 are allowed' },
      ...{ tasks: 5_000_001, bytes: 480_000_096, names: 12 },
      ...{ maxTasks: 5_000_000, maxBytes: 1_073_741_824, maxNames: 100_000 },
    }),
  },
  {
    path: '/status',
    kind: 'status',
    why:
      'What `drover status` shows. The leader rewrites it when something changed, once a second at most. Finished tasks ' +
      'are counted as long as they are kept. `out` counts what is handed out to workers (`running` is the same number, for ' +
      'earlier versions). `queues` names the 100 busiest, `unservedTypes` 100 types; `queuesLeftOut` and ' +
      '`unservedTypesLeftOut` count the others. `unreadableBatches` counts the batches that this leader leaves alone, ' +
      'because they need what it does not understand or are no batches; absent: none. `complete: false`: the leader has just ' +
      'taken over and still reads, the counts are of a part. `unfinishedIds`: stretches of beginnings of batch ids, for the ' +
      'next leader, which reads the batches there first.',
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
