import type { QueueLive, schemas } from '@drover/api';
import type { StatusView } from '@drover/client';
import { formatDuration } from '@drover/core';
import type * as z from 'zod';
import type { Leader, LeaderChange } from './leader/leader-watch.js';
import type { FailureGroup } from './live/failures.js';
import type { Counters } from './live/live.js';

export type Attention = z.output<typeof schemas.attention>;

/** The facts that are known when a person looks. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  now: number;
  leader: Leader | null;
  changes: readonly LeaderChange[];
  /** Of the leader; null: it has told nothing yet. */
  counters: Counters | null;
  queues: Iterable<QueueLive>;
  /** The most frequent failures first. */
  groups: readonly FailureGroup[];
  /** The last state of members that was read; null: none was. */
  status: StatusView | null;
  zookeeper: { state: string; p50: number | null };
  /** Beyond loopback without authentication. */
  isOpen: boolean;
  /** Credentials are given, and the root is open to everybody. */
  isRootOpen: boolean;
}

const FLAPPING = { changes: 3, withinMs: 600_000 };
const LONG_WAIT_MS = 300_000;
const SLOW_MS = 100;
const FAILING = { failures: 20, minutes: 10 };
/** Of each kind so many are named. */
const MOST = 5;

/** Everything that a person should look at, the worst first, each with a sentence that says the cure. Pure. */
export function attentionOf(now: Circumstances): Attention[] {
  const all = [
    ...ofLeader(now),
    ...ofIntake(now),
    ...ofQueues(now),
    ...ofTypes(now),
    ...ofFailures(now),
    ...ofMembers(now),
    ...ofGround(now),
  ];
  return all.sort((a, b) => RANK[b.severity] - RANK[a.severity]);
}

const RANK = { info: 0, warn: 1, error: 2 } as const;

function ofLeader({ leader, changes, counters, now }: Circumstances): Attention[] {
  const found: Attention[] = [];
  if (leader === null)
    found.push(
      error(
        'no-leader',
        'No scheduler leads: tasks are accepted and wait. Start a scheduler, or see why those that run do not reach ZooKeeper.',
      ),
    );
  else if (counters?.whole !== true)
    found.push(
      info(
        'leader-reading',
        `Scheduler ${leader.id} has taken over and is still reading what is stored; counts are of a part.`,
        {
          since: leader.since,
        },
      ),
    );
  const recent = changes.filter(({ at }) => at > now - FLAPPING.withinMs);
  if (recent.length > FLAPPING.changes)
    found.push(
      warn(
        'leader-flapping',
        `The leader changed ${recent.length} times in the last ${formatDuration(FLAPPING.withinMs)}: look at the round trip to ZooKeeper, and at long pauses of the scheduler processes.`,
        {
          changes: recent.length,
        },
      ),
    );
  return found;
}

function ofIntake({ counters }: Circumstances): Attention[] {
  const found: Attention[] = [];
  if (counters?.intake?.open === false) {
    const { code, reason = 'the system is full' } = counters.intake;
    found.push(
      error(
        'intake-closed',
        `New tasks are refused: ${reason}. Let workers catch up, or raise --max-pending-tasks and --max-pending-mib of the schedulers.`,
        { why: code },
      ),
    );
  }
  if (counters?.firesHeld !== undefined && counters.firesHeld !== null)
    found.push(
      warn('fires-held', `Schedules do not fire: ${counters.firesHeld.reason}.`, { why: counters.firesHeld.code }),
    );
  return found;
}

function ofQueues({ queues, now }: Circumstances): Attention[] {
  const paused: Attention[] = [];
  const full: Attention[] = [];
  const limited: Attention[] = [];
  const late: { queue: QueueLive; waitedMs: number }[] = [];
  for (const queue of queues) {
    const { name, pending, out, scheduled, retrying, settings, oldestDueAt } = queue;
    const { paused: isPaused, maxRunning, maxPending } = settings;
    if (isPaused && pending > 0)
      paused.push(
        info(
          'queue-paused',
          `Queue ${name} is paused and ${tasks(pending)} in it: resume it when the reason is gone.`,
          { queue: name, pending },
        ),
      );
    if (maxPending !== null && scheduled + pending + out + retrying >= maxPending)
      full.push(
        warn(
          'queue-full',
          `Queue ${name} has as many unfinished tasks as it may (${maxPending}): submits to it are refused. Let workers catch up, or raise its maxPending.`,
          { queue: name, pending },
        ),
      );
    if (!isPaused && maxRunning !== null && out >= maxRunning && pending > 0)
      limited.push(
        info(
          'queue-at-limit',
          `Queue ${name} runs as many tasks as its limit of ${maxRunning} allows, and ${tasks(pending)}.`,
          { queue: name, pending },
        ),
      );
    const waitedMs = oldestDueAt === null ? 0 : now - oldestDueAt;
    if (!isPaused && waitedMs >= LONG_WAIT_MS) late.push({ queue, waitedMs });
  }
  const waits = late
    .sort((a, b) => b.waitedMs - a.waitedMs)
    .map(({ queue: { name, pending, servedBy, oldestDueAt }, waitedMs }) =>
      warn(
        'oldest-wait',
        `A task of queue ${name} has been due for ${spoken(waitedMs)}: ${servedBy === 0 ? 'no worker serves it; start one' : `${workers(servedBy)} it; add workers, or see why it waits`}.`,
        {
          ...{ queue: name, pending, waitedMs },
          ...(oldestDueAt === null ? {} : { since: oldestDueAt }),
        },
      ),
    );
  return [full, waits, paused, limited].flatMap(some);
}

function ofTypes({ counters, status }: Circumstances): Attention[] {
  const offered = [...new Set((status?.workers ?? []).flatMap(({ types }) => types))].sort();
  const instead = offered.length === 0 ? 'there are no workers' : `workers offer ${listed(offered)}`;
  const found = (counters?.unservedTypes ?? []).map(({ type, pending, since }) =>
    warn(
      'type-unserved',
      `No worker offers the type ${type}, and ${tasks(pending)}: ${instead}. Start a worker with a handler for it.`,
      { type, pending, since },
    ),
  );
  return some(found);
}

function ofFailures({ groups, now }: Circumstances): Attention[] {
  const found = groups
    .map((group) => ({ group, recent: sum(group.perMinute.slice(-FAILING.minutes)) }))
    .filter(({ recent }) => recent >= FAILING.failures)
    .sort((a, b) => b.recent - a.recent)
    .map(({ group: { type, error: name, message, first, queues }, recent }) =>
      warn(
        'failing',
        `${recent} attempts of ${type} failed in the last ${FAILING.minutes} minutes with ${name}: ${message}`,
        {
          ...{ type, error: name, failures: recent, queues },
          since: Math.max(first, now - FAILING.minutes * 60_000),
        },
      ),
    );
  return some(found);
}

function ofMembers({ counters, status }: Circumstances): Attention[] {
  const lost = (counters?.workersLost ?? []).map(({ worker, at, tasks: count }) =>
    warn(
      'worker-lost',
      `Worker ${worker} died or lost its session with ${tasks(count, 'out')}: they run again elsewhere. See why it ended.`,
      { worker, tasks: count, since: at },
    ),
  );
  const silent = (counters?.workersSilent ?? []).map(({ worker, at, tasks: count }) =>
    warn(
      'worker-silent',
      `Worker ${worker} did not end ${tasks(count, 'in time')}: the leader took the work away. See whether its process hangs, and its log.`,
      { worker, tasks: count, since: at },
    ),
  );
  const versions = new Set([...(status?.schedulers ?? []), ...(status?.workers ?? [])].map(({ version }) => version));
  const mixed =
    versions.size < 2
      ? []
      : [
          info(
            'versions-mixed',
            `Schedulers and workers are of ${versions.size} versions (${listed([...versions].sort())}): finish the upgrade.`,
            { versions: [...versions].sort() },
          ),
        ];
  const unreadable = status?.unreadableBatches ?? 0;
  const invalid =
    unreadable === 0
      ? []
      : [
          warn(
            'records-invalid',
            `The leader cannot read ${unreadable} batches and leaves them alone: its log names them (record.invalid).`,
            { batches: unreadable },
          ),
        ];
  const undeclared = (status?.undeclaredLimits ?? []).map((limit) =>
    warn(
      'limit-undeclared',
      `Tasks name the limit ${limit}, which nobody has declared: it limits nothing. Declare it: drover limit set ${limit} --concurrency 10`,
      { limit },
    ),
  );
  return [some(lost), some(silent), mixed, invalid, some(undeclared)].flat();
}

function ofGround({ zookeeper: { state, p50 }, isOpen, isRootOpen }: Circumstances): Attention[] {
  const found: Attention[] = [];
  if (state !== 'connected')
    found.push(
      error(
        'zookeeper-slow',
        `This replica has no connection to ZooKeeper (${state}): what it shows grows old. Ask another replica, and see whether ZooKeeper is up.`,
        { state },
      ),
    );
  else if (p50 !== null && p50 > SLOW_MS)
    found.push(
      warn('zookeeper-slow', `A round trip to ZooKeeper takes ${p50} ms: look at its disks and its load.`, {
        roundTripMs: p50,
      }),
    );
  if (isOpen) found.push(warn('auth-off', 'Everybody who reaches this address may do everything: set --api-auth.', {}));
  if (isRootOpen)
    found.push(
      warn(
        'acl-open',
        'The znodes are open to everybody who reaches ZooKeeper, though credentials are given: docs/operations.md says how to close them.',
        {},
      ),
    );
  return found;
}

type More = Record<string, unknown>;
const entry =
  (severity: Attention['severity']) =>
  (code: Attention['code'], text: string, more: More = {}): Attention => ({ code, severity, text, ...more });
const info = entry('info');
const warn = entry('warn');
const error = entry('error');

/** The first few of a kind; the last of them says how many more there are. */
function some(found: readonly Attention[]): Attention[] {
  const shown = found.slice(0, MOST);
  const last = shown.at(-1);
  if (last === undefined || found.length <= MOST) return shown;
  return [
    ...shown.slice(0, -1),
    { ...last, text: `${last.text} (${found.length - MOST} more like it)`, more: found.length - MOST },
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const tasks = (count: number, what = 'wait'): string =>
  what === 'wait'
    ? `${count} ${count === 1 ? 'task waits' : 'tasks wait'}`
    : `${count} ${count === 1 ? 'task' : 'tasks'} ${what}`;
const workers = (count: number): string => `${count} ${count === 1 ? 'worker serves' : 'workers serve'}`;
const listed = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;

/** `4 min 12 s`: for a sentence. */
function spoken(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
