import { formatElapsed } from '../../views/format.js';
import { given, problem, type Check } from '../check.js';
import { isMissing, type ClusterFacts } from '../facts.js';

const WATCH = 'docs/operations.md#what-to-watch';
/** A leader that has work for workers with room writes something within this time. */
const HANGS_MS = 10_000;
const HOUR_MS = 3_600_000;
const MANY_TAKEOVERS = 3;
/** Part of the plans that may take longer than 50 ms. */
const SLOW_PLANS = 0.01;

/** Whether the leader could hand out a task now, by what the znodes tell. Pure. */
export function couldGoOut({ status }: ClusterFacts): boolean {
  const { queues, workers, unservedTypes } = status;
  const room = workers.some(({ state, out, capacity }) => state === 'accepting' && out < capacity);
  const waits = queues.some(
    ({ paused, pending, out, maxRunning }) => !paused && pending > 0 && (maxRunning === null || out < maxRunning),
  );
  // Tasks of types that nobody offers wait for a good reason, and may be all that wait.
  return room && waits && unservedTypes.length === 0;
}

export const LEADER_CHECKS: readonly Check[] = [
  {
    code: 'no-leader',
    area: 'leader',
    severity: 'fail',
    means: 'Nobody leads: tasks are accepted, and none is handed out.',
    cure: "start schedulers ('drover scheduler'); if some run, their logs say why none leads",
    link: WATCH,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { leader, schedulers } }) => {
        if (leader !== null) return { ok: `${leader.id}, epoch ${leader.epoch}` };
        const others = schedulers.length;
        return problem(others === 0 ? 'no scheduler runs' : `${others} schedulers run, and none leads`);
      }),
  },
  {
    code: 'leader-hangs',
    area: 'leader',
    severity: 'fail',
    means: 'There is a leader, and it does nothing although tasks could be handed out. Nobody takes over from it.',
    cure: 'end the process of the leader, so that another one takes over, and read its log',
    link: WATCH,
    judge: ({ cluster, api, now }) =>
      given(cluster, (known) => {
        const { leader } = known.status;
        if (leader === null) return { skipped: 'nobody leads' };
        const replica = isMissing(api) ? undefined : api.replicas.find(({ id }) => id === leader.id);
        if (replica?.livez === 503)
          return problem(`${leader.id} says of itself that its main thread does not turn (${replica.url}/livez)`);
        const silentMs = known.countedAt === null ? Infinity : now - known.countedAt;
        if (!couldGoOut(known)) return { ok: 'nothing could be handed out now' };
        if (silentMs < HANGS_MS)
          return { ok: `${leader.id} wrote its counts ${formatElapsed(Math.max(silentMs, 0))} ago` };
        const since =
          silentMs === Infinity ? 'has written no counts' : `wrote its counts ${formatElapsed(silentMs)} ago`;
        return problem(`${leader.id} ${since}, while tasks wait and workers have room`);
      }),
  },
  {
    code: 'leader-reading',
    area: 'leader',
    severity: 'warn',
    means: 'The leader has just taken over, and still reads batches: counts are of a part.',
    cure: 'wait; if it lasts for minutes, ZooKeeper is slow, or very many batches are kept',
    link: WATCH,
    judge: ({ cluster }) =>
      given(cluster, ({ status: { leader, complete } }) => {
        if (leader === null) return { skipped: 'nobody leads' };
        return complete ? { ok: 'it has read everything' } : problem(`${leader.id} is still reading`);
      }),
  },
  {
    code: 'takeovers',
    area: 'leader',
    severity: 'warn',
    means: 'The leader changes often: sessions expire, or schedulers are restarted.',
    cure: 'look for pauses of the hosts and slow disks of ZooKeeper; a longer --session-timeout hides them',
    link: WATCH,
    judge: ({ api, now }) =>
      given(api, ({ election }) =>
        given(election, ({ changes }) => {
          const lately = changes.filter(({ at }) => now - at < HOUR_MS);
          const text = `${lately.length} changes of the leader in the last hour`;
          return lately.length > MANY_TAKEOVERS ? problem(text) : { ok: text };
        }),
      ),
  },
  {
    code: 'slow-plans',
    area: 'leader',
    severity: 'warn',
    means: 'Deciding what runs where takes the leader long: everything else waits for it.',
    cure: 'give the scheduler a faster processor, or see whether very many queues or limits are in use',
    link: 'docs/metrics.md',
    judge: ({ api }) =>
      given(api, ({ metrics }) =>
        given(metrics, (known) => {
          const all = known.get('drover_plan_seconds_count');
          const quick = known.get('drover_plan_seconds_bucket{le="0.05"}');
          if (all === undefined || quick === undefined) return { skipped: 'the metrics have no drover_plan_seconds' };
          const slow = all - quick;
          const text = `${slow} of ${all} plans took longer than 50 ms`;
          return slow > all * SLOW_PLANS ? problem(text) : { ok: text };
        }),
      ),
  },
];
