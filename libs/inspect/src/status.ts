import { DEFAULT_QUEUE_SETTINGS, queueSettingsOf } from '@drover/core';
import {
  workerAssignmentsPath,
  type ChangeRecord,
  type LeaderRecord,
  type QueueRecord,
  type SchedulerRecord,
  type StatusRecord,
  type WorkerRecord,
} from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import { countOut } from './cluster.js';
import { readLeader, readOne, readQueues, readSchedulers, readStatus, readWorkers } from './records.js';
import type { Change, QueueView, SchedulerView, StatusView, TaskTally, WorkerView } from './views.js';

const UNPAUSED = { paused: false, pausedBy: undefined };
/** The number of queues that the leader names in its record at most. */
const MOST_QUEUES = 100;

export async function readStatusView(zk: ZooKeeper): Promise<StatusView> {
  const reads = [readLeader(zk), readSchedulers(zk), readWorkerViews(zk), readStatus(zk), readQueues(zk)] as const;
  const [leader, schedulers, workers, status, queues] = await Promise.all(reads);
  const named = busiestFirst(viewQueues(queues, status));
  return {
    leader: leader === null ? null : viewLeader(leader),
    schedulers: [...schedulers.values()].map((record) => viewScheduler(record, leader?.id ?? null)),
    workers,
    tasks: status === null ? null : tallyOf(status, workers),
    queues: named.slice(0, MOST_QUEUES).sort(byName),
    queuesLeftOut: Math.max(status?.queuesLeftOut ?? 0, named.length - MOST_QUEUES),
    unservedTypes: status?.unservedTypes ?? [],
    unservedTypesLeftOut: status?.unservedTypesLeftOut ?? 0,
    ...(status?.unreadableBatches === undefined ? {} : { unreadableBatches: status.unreadableBatches }),
    ...(status?.undeclaredLimits === undefined ? {} : { undeclaredLimits: status.undeclaredLimits }),
    ...(status?.removalDueSince === undefined ? {} : { removalDueSince: status.removalDueSince }),
    ...(status?.removalsRefused === undefined ? {} : { removalsRefused: status.removalsRefused }),
    intake: status?.intake === undefined ? null : viewIntake(status.intake),
    firesHeld: status?.firesHeld === undefined ? null : viewHeld(status.firesHeld),
    complete: status?.complete ?? true,
    at: status?.at ?? null,
  };
}

function viewLeader({ id, epoch, host, pid, api }: LeaderRecord): NonNullable<StatusView['leader']> {
  return { id, epoch, host, pid, ...(api === undefined ? {} : { api }) };
}

function busiestFirst(queues: readonly QueueView[]): QueueView[] {
  return [...queues].sort((a, b) => b.pending + b.out - (a.pending + a.out) || byName(a, b));
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function viewIntake({ open, code, reason }: NonNullable<StatusRecord['intake']>): StatusView['intake'] {
  return { open, ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) };
}

const viewHeld = ({ code, reason }: { code: string; reason: string }): { code: string; reason: string } => ({
  code,
  reason,
});

export async function readWorkerViews(zk: ZooKeeper): Promise<WorkerView[]> {
  const workers = [...(await readWorkers(zk))];
  return Promise.all(
    workers.map(async ([id, record]) => {
      const [out, asked] = await Promise.all([
        countOut(zk, id),
        readOne(zk, 'workerAssignments', workerAssignmentsPath(id)),
      ]);
      return viewWorker(id, record, out, asked?.drainedBy);
    }),
  );
}

export async function readQueueViews(zk: ZooKeeper): Promise<QueueView[]> {
  const [queues, status] = await Promise.all([readQueues(zk), readStatus(zk)]);
  return viewQueues(queues, status);
}

function tallyOf({ tasks }: StatusRecord, workers: readonly WorkerView[]): TaskTally {
  const { scheduled, pending, retrying, succeeded, failed, cancelled } = tasks;
  const out = tasks.out ?? tasks.running;
  // Two records of different moments: no more can run than is out.
  const running = Math.min(
    workers.reduce((sum, worker) => sum + worker.running, 0),
    out,
  );
  return { scheduled, pending, out, running, retrying, succeeded, failed, cancelled };
}

function viewScheduler(record: SchedulerRecord, leader: string | null): SchedulerView {
  const { id, host, pid, version, startedAt, api, tz, graceMs } = record;
  const role = id === leader ? 'leader' : 'follower';
  return {
    id,
    host,
    pid,
    version,
    startedAt,
    role,
    ...(api === undefined ? {} : { api }),
    ...(tz === undefined ? {} : { tz }),
    ...(graceMs === undefined ? {} : { graceMs }),
  };
}

function viewWorker(
  id: string,
  record: WorkerRecord & { asOf: number },
  out: number,
  drainedBy: ChangeRecord | undefined,
): WorkerView {
  const { name, host, pid, version, startedAt, state, capacity, weight, types, labels } = record;
  const tasks = record.running.map(({ task, attempt, startedAt, progress, note }) => ({
    task,
    attempt,
    startedAt,
    ...(progress === undefined ? {} : { progress }),
    ...(note === undefined ? {} : { note }),
  }));
  return {
    ...{ id, name, host, pid, version, startedAt, state, capacity, weight },
    out,
    // Two records of different moments: no more can run than is out.
    running: Math.min(Math.max(record.runningNow ?? 0, tasks.length), Math.max(out, tasks.length)),
    ...(drainedBy === undefined ? {} : { drainedBy: viewChange(drainedBy) }),
    ...{ types, labels, tasks, asOf: record.asOf },
    ...(record.concurrency === undefined ? {} : { concurrency: record.concurrency }),
    ...(record.abortGraceMs === undefined ? {} : { abortGraceMs: record.abortGraceMs }),
  };
}

function viewChange({ by, reason, at }: ChangeRecord): Change {
  return { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }), at };
}

/** Queues that have settings, and those that have tasks. */
function viewQueues(queues: Map<string, QueueRecord | null>, status: StatusRecord | null): QueueView[] {
  const names = new Set([...queues.keys(), ...Object.keys(status?.queues ?? {})]);
  return [...names].sort().map((name) => {
    const record = queues.get(name);
    const counts = status?.queues[name];
    // The leader pauses a queue whose settings it cannot read, and shows why. One without settings is not paused: what the leader
    // counted is of up to a second ago.
    const ofLeader = record === null ? { paused: counts?.paused ?? false, pausedBy: counts?.pausedBy } : UNPAUSED;
    const { paused, pausedBy } = record ?? ofLeader;
    const settings = { ...queueSettingsOf(record ?? DEFAULT_QUEUE_SETTINGS), paused };
    const changedBy = record?.changedBy;
    return {
      name,
      ...settings,
      pending: counts?.pending ?? 0,
      out: counts?.out ?? counts?.running ?? 0,
      ...(counts?.unfinished === undefined ? {} : { unfinished: counts.unfinished }),
      ...(counts?.full === undefined ? {} : { full: counts.full }),
      ...(counts?.fullTenants === undefined ? {} : { fullTenants: counts.fullTenants }),
      ...(pausedBy === undefined || !settings.paused ? {} : { pausedBy: viewChange(pausedBy) }),
      ...(changedBy === undefined ? {} : { changedBy: viewChange(changedBy) }),
    };
  });
}
