import type { schemas } from '@drover/api';
import type { StatusView } from '@drover/client';
import type * as z from 'zod';
import { scoped, sees, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { attentionOf } from '../attention.decide.js';
import type { Counters } from '../live/live.js';
import type { Range, SeriesName } from '../live/series.js';
import { polled } from '../server/polling.js';
import type { Handlers } from './handler.js';
import { overviewTag } from './overview-tag.decide.js';
import { statusFor } from './status-for.js';

type Overview = z.output<typeof schemas.overview>;

export const overviewHandlers: Handlers = {
  getOverview: (asked, context) =>
    polled(asked, context, async () => {
      const overview = await overviewOf(context, asked.caller);
      return { status: 200, json: overview, headers: { etag: overviewTag(overview) } };
    }),
  getStatus: async ({ caller }, { members, stored }) => {
    const { value, ageMs } = await stored(members.status());
    return { status: 200, json: statusFor(value, caller), headers: { 'drover-age-ms': String(Math.round(ageMs)) } };
  },
  getSeries: async ({ query, caller }, { live }) => {
    const { metric, queue = null, range } = query as { metric: SeriesName; queue?: string; range: Range };
    if (queue === null && caller.queues !== null)
      throw new ApiError('forbidden', 'series of all queues are for those who see all of them: name a queue', {
        needs: 'a role that is not limited to queues',
      });
    if (queue !== null && (!sees(caller, queue) || live.queue(queue) === null))
      throw new ApiError('queue-not-found', `the leader knows no queue ${JSON.stringify(queue)} with tasks`);
    return { status: 200, json: { metric, queue, ...live.series(metric, queue, range) } };
  },
};

/** The whole state in one answer. It never fails: what is not known is null, and `attention` says why. */
export async function overviewOf(context: ApiContext, caller: Caller): Promise<Overview> {
  const { runtime, leader, live, session, probe } = context;
  const now = runtime.now();
  const status = await statusOrLast(context);
  const leads = leader.current;
  const counters = leads !== null && live.epoch === leads.epoch ? live.counters : null;
  // Without a leader the last word of the last one is better than nothing, and than the older record of it.
  const last = counters ?? (leads === null ? live.counters : null);
  const isWhole = counters !== null && counters.tally !== null;
  const roundTripMs = probe.roundTripMs;
  const oldest = oldestOf(context, caller, last);
  const seesAll = caller.queues === null;
  return {
    revision: isWhole ? live.revisionFor(caller) : null,
    at: now,
    leader: leads === null ? null : leaderOf(leads, now),
    schedulers: (status?.schedulers ?? []).map(({ id, role, version }) => ({
      id,
      // The members may have been read before the election.
      role: leads === null ? role : id === leads.id ? 'leader' : 'follower',
      version,
    })),
    workers: counters?.workers ?? workersOf(status),
    // Counts of all queues are for those who see all of them.
    tasks: seesAll ? tallyOf(last, status) : null,
    rates: seesAll && isWhole && live.speaks ? live.rates() : null,
    oldestPendingMs: oldest === null ? null : Math.max(0, now - oldest),
    failedLastHour: seesAll && counters !== null ? live.failures.recent(60, now) : null,
    attention: attentionOf({
      ...{ now, leader: leads, changes: leader.changes },
      counters:
        seesAll || counters === null
          ? counters
          : { ...counters, unservedTypes: [], workersLost: [], workersSilent: [] },
      queues: counters === null ? [] : [...live.queues()].filter(({ name }) => sees(caller, name)),
      groups: live.failures.groups(scoped([], caller), now),
      status: status === null ? null : statusFor(status, caller),
      zookeeper: { state: session.state, p50: roundTripMs.p50 },
      isOpen: context.isExposed,
      isRootOpen: context.isRootOpen(),
    }),
    intake: last?.intake ?? status?.intake ?? { open: true },
    zookeeper: { state: session.state, roundTripMs: roundTripMs.last },
    complete: last?.whole ?? status?.complete ?? false,
  };
}

const leaderOf = (
  { id, epoch, since, api }: NonNullable<ApiContext['leader']['current']>,
  now: number,
): Overview['leader'] => ({
  ...{ id, epoch, sinceMs: Math.max(0, now - since) },
  ...(api === undefined ? {} : { api }),
});

/** Of the queues that the caller may see. */
function oldestOf({ live }: ApiContext, caller: Caller, counters: Counters | null): number | null {
  if (counters === null) return null;
  if (caller.queues === null) return counters.oldestDueAt;
  const due = [...live.queues()]
    .filter(({ name }) => sees(caller, name))
    .flatMap(({ oldestDueAt }) => oldestDueAt ?? []);
  return due.length === 0 ? null : Math.min(...due);
}

function workersOf(status: StatusView | null): Overview['workers'] {
  const workers = status?.workers ?? [];
  const accepting = workers.filter(({ state }) => state === 'accepting');
  const sum = (of: 'capacity' | 'out'): number => workers.reduce((total, worker) => total + worker[of], 0);
  return {
    accepting: accepting.length,
    draining: workers.length - accepting.length,
    slots: sum('capacity'),
    busy: Math.min(sum('out'), sum('capacity')),
  };
}

/** The leader knows what is out; only workers say what of it runs. */
function tallyOf(counters: Counters | null, status: StatusView | null): Overview['tasks'] {
  const tally = counters?.tally ?? null;
  if (tally === null) return status?.tasks ?? null;
  const said = (status?.workers ?? []).reduce((total, { running }) => total + running, 0);
  return { ...tally, running: Math.min(said, tally.out) };
}

/** Without ZooKeeper the last one that was read; null: none was. */
async function statusOrLast({ members, stored, session, leader, live }: ApiContext): Promise<StatusView | null> {
  // Nobody has to wait for a connection to see what is known.
  if (session.state !== 'connected') return members.lastStatus?.value ?? null;
  try {
    const besideCounters = live.epoch === leader.current?.epoch && (live.counters?.tally ?? null) !== null;
    return (await stored(members.status({ besideCounters }))).value;
  } catch (error) {
    if (error instanceof ApiError) return members.lastStatus?.value ?? null;
    throw error;
  }
}
