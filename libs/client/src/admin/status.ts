import { DEFAULT_QUEUE_SETTINGS } from '@drover/core';
import type { QueueRecord, SchedulerRecord, StatusRecord, WorkerRecord } from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import type { QueueView, SchedulerView, StatusView, TaskTally, WorkerView } from '../views.js';
import { countOut } from './cluster.js';
import { readLeader, readQueues, readSchedulers, readStatus, readWorkers } from './read-records.js';

const NOTHING: TaskTally = Object.freeze({
  scheduled: 0,
  pending: 0,
  running: 0,
  retrying: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
});

export async function readStatusView(zk: ZooKeeper): Promise<StatusView> {
  const reads = [readLeader(zk), readSchedulers(zk), readWorkerViews(zk), readStatus(zk), readQueues(zk)] as const;
  const [leader, schedulers, workers, status, queues] = await Promise.all(reads);
  return {
    leader: leader === null ? null : { id: leader.id, epoch: leader.epoch, host: leader.host, pid: leader.pid },
    schedulers: [...schedulers.values()].map((record) => viewScheduler(record, leader?.id ?? null)),
    workers,
    tasks: tallyOf(status),
    queues: viewQueues(queues, status),
    unservedTypes: status?.unservedTypes ?? [],
    at: status?.at ?? null,
  };
}

export async function readWorkerViews(zk: ZooKeeper): Promise<WorkerView[]> {
  const workers = [...(await readWorkers(zk))];
  return Promise.all(workers.map(async ([id, record]) => viewWorker(id, record, await countOut(zk, id))));
}

export async function readQueueViews(zk: ZooKeeper): Promise<QueueView[]> {
  const [queues, status] = await Promise.all([readQueues(zk), readStatus(zk)]);
  return viewQueues(queues, status);
}

function tallyOf(status: StatusRecord | null): TaskTally {
  const { scheduled, pending, running, retrying, succeeded, failed, cancelled } = status?.tasks ?? NOTHING;
  return { scheduled, pending, running, retrying, succeeded, failed, cancelled };
}

function viewScheduler(record: SchedulerRecord, leader: string | null): SchedulerView {
  const { id, host, pid, version, startedAt } = record;
  return { id, host, pid, version, startedAt, role: id === leader ? 'leader' : 'follower' };
}

function viewWorker(id: string, record: WorkerRecord, assigned: number): WorkerView {
  const { name, host, pid, version, startedAt, state, capacity, weight, types, labels } = record;
  const tasks = record.running.map(({ task, attempt, startedAt, progress, note }) => ({
    task,
    attempt,
    startedAt,
    ...(progress === undefined ? {} : { progress }),
    ...(note === undefined ? {} : { note }),
  }));
  const running = Math.min(assigned, capacity);
  return { id, name, host, pid, version, startedAt, state, capacity, weight, running, assigned, types, labels, tasks };
}

/** Queues that have settings, and those that have tasks. */
function viewQueues(queues: Map<string, QueueRecord>, status: StatusRecord | null): QueueView[] {
  const names = new Set([...queues.keys(), ...Object.keys(status?.queues ?? {})]);
  return [...names].sort().map((name) => {
    const { paused, priority, weight, maxRunning } = queues.get(name) ?? DEFAULT_QUEUE_SETTINGS;
    const counts = status?.queues[name];
    return {
      ...{ name, paused, priority, weight, maxRunning },
      pending: counts?.pending ?? 0,
      running: counts?.running ?? 0,
    };
  });
}
